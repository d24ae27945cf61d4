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
import { rmSync, writeFileSync } from 'node:fs';
import { executeAgain } from '@muster/posix/engine';
import { readTextIfThere } from '@muster/posix/regular-file';
import { type Restored, restoreSurroundings } from '@muster/posix/surroundings/surroundings';
import type { LivePaths } from '@muster/store/live/paths';
import type { Companion } from './tree.ts';

/**
 * To be called by a process without threads. Returns what is not as the file `kept` says. Executes this program again if any of it
 * had to be set, with `again` added to the words of its command line, and what this would return.
 */
export function takeSurroundings(kept: string, again: string): readonly string[] {
  const text = readTextIfThere(kept);
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
