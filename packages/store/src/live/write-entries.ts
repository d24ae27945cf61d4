/** Rendered files to disk. */
import { chmodSync, closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { FileEntry } from '@muster/core/model/definition';

/** What the customary umask leaves alone: such modes need no second call. */
const UNMASKED = 0o755;

/** Makes `directory`, which must not exist, and what belongs into it. */
export function writeEntries(directory: string, entries: readonly FileEntry[]): void {
  mkdirSync(directory, 0o755);
  let made = directory;
  for (const { path, mode, content } of entries) {
    const full = `${directory}/${path}`;
    if (content === null) {
      mkdirSync(full, { recursive: true, mode });
      continue;
    }
    if (path.includes('/')) {
      const parent = dirname(full);
      if (parent !== made) mkdirSync(parent, { recursive: true, mode: 0o755 });
      made = parent;
    }
    const file = openSync(full, 'w', mode);
    try {
      if (content.length > 0) writeSync(file, content);
    } finally {
      closeSync(file);
    }
    if ((mode & ~UNMASKED) !== 0) chmodSync(full, mode);
  }
}
