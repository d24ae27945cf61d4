/** Reads what an image has of s6-overlay. `root`: where the image's absolute paths lie; empty for this machine. */
import { accessSync, constants, lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { LegacyFile, LegacyService, OverlayDefinition, OverlayImage, OverlayScript } from './image.ts';
import type { OverlaySettings } from './settings.ts';

/** Where version 3 has its own definitions, its version in between. */
const PACKAGES = '/package/admin';
const SOURCES = 'etc/s6-rc/sources';
/** Directories deeper than this are not looked into. */
const DEEPEST = 8;
/** No script has so many bytes. */
const LARGEST = 16 * 1024 * 1024;

/** What makes an image one of s6-overlay. */
const MARKS = [
  '/etc/s6-overlay/s6-rc.d',
  '/etc/cont-init.d',
  '/etc/services.d',
  '/package/admin/s6-overlay',
  '/etc/s6/init',
];

export function hasOverlay(root: string): boolean {
  return MARKS.some((path) => isDirectory(root + path));
}

export function readOverlay(root: string, { profile, bundleDirectory }: OverlaySettings): OverlayImage {
  const etc = profile === null ? '/etc' : `/etc/cont-profile.d/${profile}`;
  const image = new ImageReader(root);
  return {
    etc,
    definitions: image.definitions(`${etc}/s6-overlay/s6-rc.d`),
    bundles: image.definitions(bundleDirectory ?? `${etc}/s6-overlay/user-bundles.d`),
    packaged: image
      .names(PACKAGES)
      .filter((name) => /^s6-overlay-/.test(name))
      .flatMap((name) => image.definitions(`${PACKAGES}/${name}/${SOURCES}`)),
    init: image.scripts(`${etc}/cont-init.d`),
    finish: image.scripts(`${etc}/cont-finish.d`),
    services: image.services(`${etc}/services.d`),
    hasAttributes: image.names(`${etc}/fix-attrs.d`).length > 0,
    has: (path) => isExecutable(root + path),
  };
}

class ImageReader {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  /** Those that do not begin with a dot, sorted by their bytes. */
  names(directory: string): string[] {
    try {
      return readdirSync(this.#root + directory)
        .filter((name) => !name.startsWith('.'))
        .sort();
    } catch {
      return [];
    }
  }

  definitions(directory: string): OverlayDefinition[] {
    return this.names(directory)
      .filter((name) => isDirectory(join(this.#root + directory, name)))
      .map((name) => {
        const path = `${directory}/${name}`;
        const type = this.#text(`${path}/type`);
        return {
          name,
          path,
          type: type === null ? null : type.trim(),
          contents: this.names(`${path}/contents.d`),
          scripts: ['up', 'down', 'run', 'finish'].flatMap((file) => this.#script(`${path}/${file}`)),
        };
      });
  }

  scripts(directory: string): OverlayScript[] {
    return this.names(directory).flatMap((name) => this.#script(`${directory}/${name}`));
  }

  services(directory: string): LegacyService[] {
    return this.names(directory)
      .filter((name) => isDirectory(join(this.#root + directory, name)))
      .map((name) => {
        const path = `${directory}/${name}`;
        return { name, path, files: this.#filesBelow(path, '', DEEPEST) };
      });
  }

  #filesBelow(directory: string, prefix: string, deepest: number): LegacyFile[] {
    return readdirSync(this.#root + directory)
      .sort()
      .flatMap((name): LegacyFile[] => {
        const path = `${directory}/${name}`;
        const status = lstatSync(this.#root + path);
        if (status.isSymbolicLink() && prefix !== '' && prefix !== 'log/')
          return [{ path: prefix + name, kind: 'link', target: readlinkSync(this.#root + path) }];
        // What s6 looks for may be a link.
        const target = statSync(this.#root + path, { throwIfNoEntry: false });
        if (target?.isDirectory()) return deepest > 1 ? this.#filesBelow(path, `${prefix}${name}/`, deepest - 1) : [];
        if (target === undefined || !target.isFile() || target.size > LARGEST) return [];
        const bytes = readFileSync(this.#root + path);
        return [{ path: prefix + name, kind: 'file', bytes, mode: target.mode & 0o777 }];
      });
  }

  #script(path: string): OverlayScript[] {
    const text = this.#text(path);
    return text === null ? [] : [{ path, text, isExecutable: isExecutable(this.#root + path) }];
  }

  #text(path: string): string | null {
    const status = statSync(this.#root + path, { throwIfNoEntry: false });
    if (status === undefined || !status.isFile() || status.size > LARGEST) return null;
    return readFileSync(this.#root + path, 'latin1');
  }
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
