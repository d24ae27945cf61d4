/**
 * Where a live directory is when its usual place cannot be written, as in a container without root or with a root file system
 * that is read-only: the first of these that can, in a directory that this user alone may enter. All commands look there.
 */
import { lstatSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { distrustWay } from '../ownership.ts';

const BASES = ['/dev/shm', '/tmp', '/var/tmp'];
const PRIVATE = 0o700;
const OTHERS = 0o077;
const LIVE = 'live';

export interface Fallback {
  /** This user's own; null if there is none that can be written. */
  readonly directory: string | null;
  /** Directories of the name that it would have, which are somebody else's, or open to others. */
  readonly refused: readonly string[];
}

/** Makes it. */
export function makeFallback(uid: number, bases: readonly string[] = BASES): Fallback {
  const refused: string[] = [];
  for (const base of bases) {
    const directory = fallbackIn(base, uid);
    try {
      mkdirSync(directory, { mode: PRIVATE });
      return { directory, refused };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') continue;
    }
    if (isPrivate(directory, uid) && distrustWay(directory) === null) return { directory, refused };
    refused.push(directory);
  }
  return { directory: null, refused };
}

/** The live directory in a fallback. */
export function liveIn(fallback: string): string {
  return join(fallback, LIVE);
}

/** A live directory of one of these users that is there, in the order of the users; null if there is none. Who opens it judges it. */
export function findFallback(uids: readonly number[], bases: readonly string[] = BASES): string | null {
  for (const uid of uids) {
    for (const base of bases) {
      const directory = fallbackIn(base, uid);
      if (isPrivate(directory, uid) && statSync(liveIn(directory), { throwIfNoEntry: false })?.isDirectory())
        return liveIn(directory);
    }
  }
  return null;
}

function fallbackIn(base: string, uid: number): string {
  return `${base}/rc-${uid}`;
}

function isPrivate(directory: string, uid: number): boolean {
  try {
    const stats = lstatSync(directory);
    return stats.isDirectory() && stats.uid === uid && (stats.mode & OTHERS) === 0;
  } catch {
    return false;
  }
}
