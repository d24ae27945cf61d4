/**
 * Service directories from one database's to another's, under supervisors that go on running.
 *
 *     stage.ts     everything new is written below `staged/`: whatever can fail for want of space or permission, fails here
 *     publish.ts   it is moved to its place by renames, and what is gone is moved away; killed at any point and begun
 *                  again, it comes to the same end
 *
 * What a supervisor keeps in a service directory is never touched, and neither is a file that stays the same. Every file
 * is replaced by a rename: a process that is just being started reads the old one or the new one.
 *
 *     staged/new/NAME/        whole directories
 *     staged/changed/NAME/…   single files of directories that stay
 *     staged/links/NAME       links for the scandir of the embedded tree
 *     staged/pipes/NAME       FIFOs
 *     staged/moved/NAME       directories that get another name, half-way; `moved-pipes/` likewise
 *     staged/unmoved          there until all of those have left their old place
 *     staged/gone/NAME        directories that are not needed any more
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { FileEntry } from '@muster/core/model/definition';
import type { LivePaths } from '../paths.ts';

/** What must become of the directories; decided before anything is written. */
export interface WantedArrangement {
  readonly services: readonly WantedService[];
  /** Old names of services whose directories go away. */
  readonly gone: readonly { readonly name: string; readonly supervised: boolean }[];
  /** Names of pipes that are new, that go away, and that get another name. */
  readonly pipes: readonly string[];
  readonly gonePipes: readonly string[];
  readonly movedPipes: readonly (readonly [from: string, to: string])[];
}

export interface WantedService {
  readonly name: string;
  /** Whose directory it takes over, or null if it gets a new one. */
  readonly was: string | null;
  /** A supervisor looks after it: it has a link in the scandir. */
  readonly supervised: boolean;
  readonly entries: readonly FileEntry[];
}

/** What is staged, and how it is published. */
export interface Arrangement {
  readonly services: readonly ArrangedService[];
  readonly gone: WantedArrangement['gone'];
  readonly pipes: WantedArrangement['pipes'];
  readonly gonePipes: WantedArrangement['gonePipes'];
  readonly movedPipes: WantedArrangement['movedPipes'];
}

export interface ArrangedService {
  readonly name: string;
  readonly was: string | null;
  readonly supervised: boolean;
  /** Paths in its directory that are not needed any more. */
  readonly obsolete: readonly string[];
}

/** Removes what is staged, if anything is. */
export function unstage(paths: LivePaths): void {
  rmSync(paths.staged, { recursive: true, force: true });
}

/** Directories below `staged/`. */
export function stagedPaths({ staged }: LivePaths) {
  return {
    fresh: join(staged, 'new'),
    changed: join(staged, 'changed'),
    links: join(staged, 'links'),
    pipes: join(staged, 'pipes'),
    moved: join(staged, 'moved'),
    movedPipes: join(staged, 'moved-pipes'),
    gone: join(staged, 'gone'),
  };
}

/** The file that is there until everything that gets another name has left its old place. */
export function unmovedMark({ staged }: LivePaths): string {
  return join(staged, 'unmoved');
}
