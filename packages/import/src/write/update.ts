/**
 * Brings a source up to date with an import: a new one appears whole or not at all, and in one that an earlier import wrote, what
 * that one wrote is replaced, file by file. What was edited since is left, and told.
 */
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmdirSync, rmSync, symlinkSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { replaceFile } from '@muster/posix/replace-file';
import type { ImportedFile } from '../definitions/files.ts';
import { manifestOf, markAt, markOf, readManifest, writeManifest } from './manifest.ts';
import { isFree, writeSource } from './write-source.ts';

export type SourceChange =
  | { readonly kind: 'add' | 'replace' | 'remove'; readonly path: string }
  /** It was edited, or is somebody else's: what the import would write is not written. */
  | { readonly kind: 'edited'; readonly path: string };

export interface SourceUpdate {
  readonly isNew: boolean;
  /** By path. */
  readonly changes: readonly SourceChange[];
}

/** Null if something is there that no import wrote. */
export function planUpdate(source: string, files: readonly ImportedFile[]): SourceUpdate | null {
  if (isFree(source)) return { isNew: true, changes: files.map(({ path }) => ({ kind: 'add', path })) };
  const manifest = readManifest(source);
  if (manifest === null) return null;
  const wanted = new Map(files.map((file) => [file.path, markOf(file)]));
  const changes = [...new Set([...wanted.keys(), ...Object.keys(manifest.files)])].flatMap((path): SourceChange[] => {
    const marks = { wanted: wanted.get(path) ?? null, before: manifest.files[path] ?? null };
    const kind = kindOfChange({ ...marks, there: markAt(join(source, path)) });
    return kind === null ? [] : [{ kind, path }];
  });
  changes.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { isNew: false, changes };
}

/** `before`: what the last import wrote. Each is null where there is no file. */
function kindOfChange(
  marks: Readonly<Record<'wanted' | 'before' | 'there', string | null>>,
): SourceChange['kind'] | null {
  const { wanted, before, there } = marks;
  if (there === wanted) return null;
  if (there !== before) return 'edited';
  if (wanted === null) return 'remove';
  return there === null ? 'add' : 'replace';
}

/** Throws what the system says. Then a new source is not there; another one is in part as it was, and the next import goes on. */
export function applyUpdate(
  source: string,
  files: readonly ImportedFile[],
  format: string,
  { isNew, changes }: SourceUpdate,
): void {
  if (isNew) {
    createSource(source, files, format);
    return;
  }
  const byPath = new Map(files.map((file) => [file.path, file]));
  const edited = new Set<string>();
  for (const { kind, path } of changes) {
    const file = byPath.get(path);
    if (kind === 'edited') edited.add(path);
    else if (kind === 'remove') removeWithDirectory(source, path);
    else if (file !== undefined) put(source, file);
  }
  // Of an edited file the mark stays what it was when the import wrote it: so it goes on being seen as edited.
  const before = readManifest(source)?.files ?? {};
  const manifest = manifestOf(
    format,
    files.filter(({ path }) => !edited.has(path)),
  );
  const kept = Object.fromEntries(Object.entries(before).filter(([path]) => edited.has(path)));
  writeManifest(source, { ...manifest, files: { ...manifest.files, ...kept } });
}

function createSource(source: string, files: readonly ImportedFile[], format: string): void {
  const path = resolve(source);
  mkdirSync(dirname(path), { recursive: true });
  const temporary = mkdtempSync(join(dirname(path), `.${basename(path)}.importing-`));
  try {
    writeSource(temporary, files);
    writeManifest(temporary, manifestOf(format, files));
    openForAll(temporary);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    throw error;
  }
}

/** mkdtemp(3) makes a directory for its owner alone; a source has the mode of any directory. */
function openForAll(directory: string): void {
  chmodSync(directory, 0o777 & ~process.umask());
}

function put(source: string, file: ImportedFile): void {
  const path = join(source, file.path);
  mkdirSync(dirname(path), { recursive: true });
  if (file.kind === 'file') {
    replaceFile(path, file.bytes, { policy: 'durable', mode: file.mode });
    return;
  }
  rmSync(path, { force: true });
  symlinkSync(file.target, path);
}

/** And the directories that are empty then, up to the source. */
function removeWithDirectory(source: string, path: string): void {
  rmSync(join(source, path), { force: true });
  for (let directory = dirname(path); directory !== '.'; directory = dirname(directory)) {
    try {
      rmdirSync(join(source, directory));
    } catch {
      return;
    }
  }
}
