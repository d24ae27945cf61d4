/** Rendered files to disk. Nothing of them is wider at any moment than it is in the end. */
import { closeSync, fchmodSync, mkdirSync, openSync, symlinkSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { FileEntry, RegularFile } from '@muster/core/model/definition';

/** What the customary umask leaves alone: such modes need no second call. */
const UNMASKED = 0o755;

/** A directory that its owner could not fill. */
const OWNERS = 0o700;

/** Makes `directory`, which must not exist, and what belongs into it. */
export function writeEntries(directory: string, entries: readonly FileEntry[]): void {
  mkdirSync(directory, 0o755);
  let made = directory;
  for (const entry of entries) {
    const path = `${directory}/${entry.path}`;
    if (entry.path.includes('/')) {
      const parent = dirname(path);
      if (parent !== made) mkdirSync(parent, { recursive: true, mode: 0o755 });
      made = parent;
    }
    write(path, entry);
  }
}

/** Makes one entry, and the directories above it. */
export function writeEntry(directory: string, entry: FileEntry): void {
  const path = `${directory}/${entry.path}`;
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  write(path, entry);
}

function write(path: string, entry: FileEntry): void {
  switch (entry.kind) {
    case 'link':
      symlinkSync(entry.target, path);
      return;
    case 'directory':
      mkdirSync(path, { mode: entry.mode | OWNERS });
      return;
    case 'file':
      writeFile(path, entry);
      return;
  }
}

function writeFile(path: string, { mode, content }: RegularFile): void {
  const file = openSync(path, 'wx', mode);
  try {
    for (let at = 0; at < content.length; ) at += writeSync(file, content, at);
    if ((mode & ~UNMASKED) !== 0) fchmodSync(file, mode);
  } finally {
    closeSync(file);
  }
}
