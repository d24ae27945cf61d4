/**
 * Whose a file is. What another unprivileged user could have written, or put in another's place, is never believed: what
 * is open is asked for its owner, and so is every directory on the way to it, in each of which a name is a promise only
 * if nobody else can change it. Sticky directories such as /tmp keep it for those who own what has the name.
 */
import { lstatSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import { constants as os } from 'node:os';
import { dirname } from 'node:path';
import type { Diagnostic } from '@muster/core/diagnostics/diagnostic';
import { isAbsent } from '@muster/posix/absence';
import { SystemError } from '@muster/posix/libc';
import { problem } from './live/problem.ts';

const WRITABLE_BY_GROUP = 0o020;
const WRITABLE_BY_ALL = 0o002;
const STICKY = 0o1000;

/** What fstat(2) tells of it. */
export type Ownership = Pick<Stats, 'uid' | 'gid' | 'mode'>;

/** Null if only this user and root can have written what has this owner and mode. */
export function distrustOf(path: string, ownership: Ownership): Diagnostic | null {
  const { uid } = ownership;
  if (!isOurs(uid)) return foreign(path, uid);
  return isWritableByOthers(ownership) ? writable(path, ownership) : null;
}

/**
 * Null if nobody but this user and root decides what `path` leads to: all directories on the way, those that links lead
 * through included. What is at its end is to be asked once it is open. Throws what the system says, ELOOP too.
 */
export function distrustWay(path: string): Diagnostic | null {
  for (const { directory, name, stats } of stepsTo(path)) {
    const holder = lstatSync(directory);
    if (isAnothers(holder)) return foreign(directory, holder.uid);
    if (!isWritableByOthers(holder)) continue;
    if ((holder.mode & STICKY) === 0) return writable(directory, holder);
    // What is not there yet is made there, and then is ours.
    if (stats !== null && !isOurs(stats.uid)) return foreign(placeIn(directory, name), stats.uid);
  }
  return null;
}

/**
 * The first symbolic link on the way to `path` that another user has put into a directory of that user's, or where everybody
 * may put one, or null if it is not to be written through. Throws likewise.
 */
export function foreignLink(path: string): string | null {
  for (const { directory, name, stats } of stepsTo(path)) {
    if (stats === null || !stats.isSymbolicLink() || isOurs(stats.uid)) continue;
    const holder = lstatSync(directory);
    if (isAnothers(holder) || isWritableByOthers(holder)) return placeIn(directory, name);
  }
  return null;
}

function placeIn(directory: string, name: string): string {
  return directory === '/' ? `/${name}` : `${directory}/${name}`;
}

interface StepOnTheWay {
  /** The real path of a directory. */
  readonly directory: string;
  readonly name: string;
  /** Of what has that name in it, or null if there is nothing. */
  readonly stats: Stats | null;
}

/** As many links as the kernel follows. */
const MOST_LINKS = 40;

/** Each name that is looked up for `path`, links followed, until there is nothing of that name. */
function* stepsTo(path: string): Generator<StepOnTheWay> {
  // Not made simpler: behind a link, `..` is another directory than the one before it.
  const left = namesIn(path.startsWith('/') ? path : `${process.cwd()}/${path}`);
  let directory = '/';
  let links = 0;
  for (let name = left.shift(); name !== undefined; name = left.shift()) {
    if (name === '..') {
      directory = dirname(directory);
      continue;
    }
    const next = placeIn(directory, name);
    const stats = statsOf(next);
    yield { directory, name, stats };
    if (stats === null) return;
    if (!stats.isSymbolicLink()) {
      directory = next;
      continue;
    }
    if (++links > MOST_LINKS) throw new SystemError('follow', os.errno.ELOOP, path);
    const target = readlinkSync(next);
    if (target.startsWith('/')) directory = '/';
    left.unshift(...namesIn(target));
  }
}

function namesIn(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}

function statsOf(path: string): Stats | null {
  try {
    return lstatSync(path);
  } catch (error) {
    if (!isAbsent(error)) throw error;
    return null;
  }
}

function isOurs(uid: number): boolean {
  return uid === 0 || uid === process.geteuid!();
}

function isAnothers({ uid }: Ownership): boolean {
  return !isOurs(uid) && !isUnmapped(uid);
}

/** A user's own group holds that user alone, by the custom of those systems whose umask lets it write. */
function isWritableByOthers({ mode, gid }: Ownership): boolean {
  if ((mode & WRITABLE_BY_ALL) !== 0) return true;
  return (mode & WRITABLE_BY_GROUP) !== 0 && (process.geteuid!() === 0 || gid !== process.getegid!());
}

/** How the kernel shows owners that the user namespace knows nothing of, such as the machine's own root. */
const OVERFLOW = 65534;

function isUnmapped(uid: number): boolean {
  if (uid !== OVERFLOW) return false;
  try {
    const ranges = readFileSync('/proc/self/uid_map', 'latin1').trim().split('\n');
    return !ranges.some((range) => {
      const [first = 0, , count = 0] = range.trim().split(/\s+/).map(Number);
      return uid >= first && uid < first + count;
    });
  } catch {
    return false;
  }
}

function foreign(path: string, uid: number): Diagnostic {
  const message = `it belongs to user ${uid}, who could make this command do anything`;
  return problem('writable-by-others', path, message, 'run the command as that user, or chown it');
}

function writable(path: string, { mode }: Ownership): Diagnostic {
  const bits = (mode & 0o7777).toString(8).padStart(4, '0');
  return problem('writable-by-others', path, `others may write to it (mode ${bits})`, `chmod go-w ${path}`);
}
