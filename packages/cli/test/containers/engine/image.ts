/** An image as a test describes it, and its files in a directory. */
import { chmodSync, chownSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { COMMANDS } from '@muster/cli/commands';
import { ROOT } from '../../end-to-end/machine.ts';

/** A text that begins with `#!` may be executed. */
export type ImageFile =
  | string
  | { readonly text: string; readonly mode: number; readonly owner?: number }
  | { readonly link: string }
  | { readonly directory: number; readonly owner?: number };

export interface Image {
  /** FROM scratch with busybox and the C library; or a Debian with what scripts/containers.sh names. */
  readonly base: 'busybox' | 'debian';
  /** By absolute path. */
  readonly files?: Readonly<Record<string, ImageFile>>;
  /** Default: `/usr/bin/rc-container`. */
  readonly entrypoint?: readonly string[];
}

/** Where the executable is in every container: bind-mounted, since a copy in each image takes longer than all the rest. */
export const EXECUTABLE = '/usr/bin/muster';
export const BUILT = join(ROOT, 'build/muster');
export const entrypointOf = (image: Image): readonly string[] => image.entrypoint ?? ['/usr/bin/rc-container'];

/** Writes the image's files, and the links that the commands are, below `directory`. */
export function writeFiles(image: Image, directory: string): void {
  const files: Record<string, ImageFile> = { [EXECUTABLE]: { text: '', mode: 0o755 } };
  for (const name of Object.keys(COMMANDS)) files[`/usr/bin/rc-${name}`] = { link: 'muster' };
  Object.assign(files, image.files);
  for (const [path, file] of Object.entries(files)) write(join(directory, path), file);
}

function write(path: string, file: ImageFile): void {
  mkdirSync(dirname(path), { recursive: true });
  if (typeof file === 'string') {
    write(path, { text: file, mode: file.startsWith('#!') ? 0o755 : 0o644 });
  } else if ('link' in file) {
    if (existsSync(path)) rmSync(path);
    symlinkSync(file.link, path);
  } else {
    if ('directory' in file) mkdirSync(path, { recursive: true });
    else writeFileSync(path, file.text);
    chmodSync(path, 'directory' in file ? file.directory : file.mode);
    if (file.owner !== undefined) chownSync(path, file.owner, file.owner);
  }
}
