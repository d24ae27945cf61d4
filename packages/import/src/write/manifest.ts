/**
 * What an import has written into a source, so that the next one knows its own files: `.imported.json`, with a hash of each file.
 * A file whose hash is another one was edited since, and belongs to whoever did.
 */
import { lstatSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { isAbsent } from '@muster/posix/absence';
import { replaceFile } from '@muster/posix/replace-file';
import { runtime } from '@muster/posix/runtime/runtime';
import type { ImportedFile } from '../definitions/files.ts';

export const MANIFEST = '.imported.json';

export interface ImportManifest {
  readonly version: 1;
  readonly format: string;
  /** By path: `sha256:MODE:HEX`, or `link:TARGET`. */
  readonly files: Readonly<Record<string, string>>;
}

export function manifestOf(format: string, files: readonly ImportedFile[]): ImportManifest {
  return {
    version: 1,
    format,
    files: Object.fromEntries(
      files.map((file) => [file.path, markOf(file)] as const).sort(([a], [b]) => (a < b ? -1 : 1)),
    ),
  };
}

export function markOf(file: ImportedFile): string {
  if (file.kind === 'link') return `link:${file.target}`;
  const hash = Buffer.from(runtime.sha256(file.bytes)).toString('hex');
  return `sha256:${isExecutable(file.mode) ? 'x' : '-'}:${hash}`;
}

function isExecutable(mode: number): boolean {
  return (mode & 0o111) !== 0;
}

/** Null if nothing is there; what is neither file nor link has a mark that no import makes. */
export function markAt(path: string): string | null {
  try {
    const status = lstatSync(path);
    if (status.isSymbolicLink()) return `link:${readlinkSync(path)}`;
    if (!status.isFile()) return 'other';
    return markOf({ kind: 'file', path, bytes: readFileSync(path), mode: status.mode });
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}

/** Null if there is none, or none that an import wrote. */
export function readManifest(source: string): ImportManifest | null {
  let read: unknown;
  try {
    read = JSON.parse(readFileSync(join(source, MANIFEST), 'utf8'));
  } catch {
    return null;
  }
  const manifest = read as Partial<ImportManifest> | null;
  if (manifest?.version !== 1 || typeof manifest.files !== 'object' || manifest.files === null) return null;
  // Whoever edits it leads the next import nowhere else.
  const inside = Object.entries(manifest.files).filter(([path]) => !/^\/|(?:^|\/)\.\.(?:\/|$)/.test(path));
  return { version: 1, format: String(manifest.format), files: Object.fromEntries(inside) };
}

export function writeManifest(source: string, manifest: ImportManifest): void {
  replaceFile(join(source, MANIFEST), `${JSON.stringify(manifest, null, 1)}\n`, { policy: 'durable' });
}
