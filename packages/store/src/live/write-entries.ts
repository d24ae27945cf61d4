/** Rendered files to disk. */
import { chmodSync, closeSync, mkdirSync, openSync, symlinkSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { FileEntry, RegularFile } from '@muster/core/model/definition';

/** What the customary umask leaves alone: such modes need no second call. */
const UNMASKED = 0o755;

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
      mkdirSync(path, { recursive: true, mode: entry.mode });
      return;
    case 'file':
      writeFile(path, entry);
      return;
  }
}

function writeFile(path: string, { mode, content }: RegularFile): void {
  const file = openSync(path, 'w', mode);
  try {
    if (content.length > 0) writeSync(file, content);
  } finally {
    closeSync(file);
  }
  if ((mode & ~UNMASKED) !== 0) chmodSync(path, mode);
}
