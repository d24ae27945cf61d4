/** What all trees of a live directory have from the first: see tree/surroundings.ts. */

import { existsSync } from 'node:fs';
import { originalOpenFilesLimit } from '@muster/posix/limits';
import { readTextIfThere } from '@muster/posix/regular-file';
import { replaceFile } from '@muster/posix/replace-file';
import { openFilesIn, ownSurroundings } from '@muster/posix/surroundings/surroundings';
import type { LivePaths } from '@muster/store/live/paths';

export function areSurroundingsKept({ surroundings }: LivePaths): boolean {
  return existsSync(surroundings);
}

/** Those of this process: once in the life of a live directory. */
export function keepSurroundings({ surroundings }: LivePaths): void {
  const temporary = `${surroundings}.${process.pid}`;
  replaceFile(surroundings, ownSurroundings(), { policy: 'atomic', mode: 0o600, temporary });
}

/** The soft limit. */
export function openFilesForServices({ surroundings }: LivePaths): bigint {
  const kept = readTextIfThere(surroundings);
  try {
    if (kept !== null) return openFilesIn(kept);
  } catch {
    // The tree says what is wrong with it.
  }
  return originalOpenFilesLimit().soft;
}

/** In what the tree that runs is unlike the first. */
export function differencesOfTree({ differs }: LivePaths): readonly string[] {
  return readTextIfThere(differs)?.split('\n').filter(Boolean) ?? [];
}
