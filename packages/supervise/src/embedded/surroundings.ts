/**
 * What rc-init had from its parent, besides the environment: limits, priorities, control groups, rights, signals and the like. All
 * trees of a live directory have it.
 *
 *     LIVE/surroundings   written by who starts the first tree
 *     LIVE/differs        in what the tree that runs is unlike the first, a line each; not there if it is not
 *
 * A tree gives itself what it was not started with, and executes itself again to have all of it. What the system does not give
 * back is said: in the log, to who has woken it, and by rc-status.
 */
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { isAbsent } from '@muster/posix/absence';
import { executeAgain } from '@muster/posix/engine';
import { originalOpenFilesLimit } from '@muster/posix/limits';
import { readRegularText } from '@muster/posix/regular-file';
import {
  openFilesIn,
  ownSurroundings,
  type Restored,
  restoreSurroundings,
} from '@muster/posix/surroundings/surroundings';
import type { LivePaths } from '@muster/store/live/paths';
import type { Companion } from '../tree/tree.ts';

export function areSurroundingsKept({ surroundings }: LivePaths): boolean {
  return existsSync(surroundings);
}

/** Those of this process: once in the life of a live directory. */
export function keepSurroundings({ surroundings }: LivePaths): void {
  const unfinished = `${surroundings}.${process.pid}`;
  writeFileSync(unfinished, ownSurroundings(), { mode: 0o600 });
  renameSync(unfinished, surroundings);
}

/** The soft limit. */
export function openFilesForServices({ surroundings }: LivePaths): bigint {
  const kept = keptIn(surroundings);
  try {
    if (kept !== null) return openFilesIn(kept);
  } catch {
    // The tree says what is wrong with it.
  }
  return originalOpenFilesLimit().soft;
}

/**
 * To be called by a process without threads. Returns what is not as the file `kept` says. Executes this program again if any of it
 * had to be set, with `again` added to the words of its command line, and what this would return.
 */
export function takeSurroundings(kept: string, again: string): readonly string[] {
  const text = keptIn(kept);
  if (text === null) return [];
  let restored: Restored;
  try {
    restored = restoreSurroundings(text);
  } catch (error) {
    return [`nobody can read ${kept}, in which it is kept: ${error}`];
  }
  if (restored.changed) executeAgain([again, restored.differences.join('\n')]);
  return restored.differences;
}

/** In the tree: says what it is not, once it is clear that it is the one. */
export function differingTree({ differs }: LivePaths, differences: readonly string[]): Companion {
  return {
    begin: ({ warn }) => {
      for (const difference of differences) warn(`unlike the first tree: ${difference}`);
      try {
        if (differences.length === 0) rmSync(differs, { force: true });
        else writeFileSync(differs, `${differences.join('\n')}\n`, { mode: 0o644 });
      } catch (error) {
        warn(`unable to write ${differs}: ${error}`);
      }
    },
    end: (done) => done(),
  };
}

/** In what the tree that runs is unlike the first. */
export function differencesOfTree({ differs }: LivePaths): readonly string[] {
  return keptIn(differs)?.split('\n').filter(Boolean) ?? [];
}

function keptIn(path: string): string | null {
  try {
    return readRegularText(path);
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}
