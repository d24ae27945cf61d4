/**
 * A log directory for a logger that runs as another user: made by root and given to that user, before the logger begins.
 * One that root's logger has written until now is given with its files. Where the path leads through others' hands nothing is
 * made and nothing given: the logger has to do with what it may do itself.
 */
import { closeSync, fchownSync, fstatSync, readdirSync, type Stats } from 'node:fs';
import { openRegular } from '@muster/posix/regular-file';
import { OddFile } from './odd-file.ts';
import { GROUP_MAY_WRITE, OTHERS_MAY_WRITE, type Reached, walkTo } from './walk.ts';

export interface LogOwner {
  readonly uid: number;
  readonly gid: number;
}

/** What s6-log, svlogd and rc-logger keep there. */
const OF_A_LOG = /^(?:current|lock|state|previous|processed|newstate|config|@[0-9a-f]{24}\.[a-z])$/;

/** Throws OddFile or ErrnoException. */
export function giveDirectory(path: string, owner: LogOwner): void {
  const reached = reach(path);
  if (reached === null) return;
  const { descriptor, isTrusted } = reached;
  try {
    const stats = fstatSync(descriptor);
    // Of somebody's own directory he is told by his logger whether it can be written.
    if (!isTrusted || stats.uid !== 0 || stats.uid === owner.uid || isOpenToOthers(stats)) return;
    const inside = `/proc/self/fd/${descriptor}`;
    const names = readdirSync(inside);
    const strange = names.find((name) => !OF_A_LOG.test(name));
    if (strange !== undefined)
      throw new OddFile(
        `it is root's, and no log alone: ${strange} is in it; use another directory, or give it away yourself`,
      );
    for (const name of names) giveFile(`${inside}/${name}`, owner);
    fchownSync(descriptor, owner.uid, owner.gid);
  } finally {
    closeSync(descriptor);
  }
}

/** Somebody else could have moved files of root's into it, to have them given away. */
function isOpenToOthers({ mode, gid }: Stats): boolean {
  return (mode & OTHERS_MAY_WRITE) !== 0 || ((mode & GROUP_MAY_WRITE) !== 0 && gid !== 0);
}

/** Null if it is missing in a directory that is not root's, where the logger may make it by itself. */
function reach(path: string): Reached | null {
  try {
    return walkTo(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function giveFile(path: string, { uid, gid }: LogOwner): void {
  const { descriptor, stats } = openRegular(path);
  try {
    // With another name elsewhere it may be more than a log.
    if (stats.uid === 0 && stats.nlink === 1) fchownSync(descriptor, uid, gid);
  } finally {
    closeSync(descriptor);
  }
}
