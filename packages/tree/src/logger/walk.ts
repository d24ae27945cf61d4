/**
 * How a process that is root comes to a directory whose path leads through others' hands. Each step is taken from the
 * directory that the last one has opened. As long as all of them are root's, a link of root's is followed, and what is missing
 * is made; from the first one on that somebody else could have changed, neither.
 */
import { closeSync, constants, fstatSync, lstatSync, mkdirSync, openSync, readlinkSync, type Stats } from 'node:fs';
import { OddFile } from './odd-file.ts';

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants;
export const GROUP_MAY_WRITE = 0o020;
export const OTHERS_MAY_WRITE = 0o002;
const STICKY = 0o1000;
export const NO_DIRECTORY = 'it is no directory';
/** As the kernel's. */
const MOST_LINKS = 40;

export interface Reached {
  /** Of the directory. To be closed by who asked. */
  readonly descriptor: number;
  /** Nobody but root could have put another directory into the place of any on the way. */
  readonly isTrusted: boolean;
}

/** `path` is absolute. Throws OddFile, or ErrnoException: ENOENT if it is missing and not to be made. */
export function walkTo(path: string): Reached {
  const left = stepsOf(path);
  let at = openDirectory('/');
  let links = 0;
  let isTrusted = true;
  try {
    for (let step = left.pop(); step !== undefined; step = left.pop()) {
      const here = fstatSync(at);
      isTrusted &&= isSafe(here);
      const place = `/proc/self/fd/${at}/${step}`;
      const found = lstatSync(place, { throwIfNoEntry: false });
      if (found?.isSymbolicLink()) {
        if (!isTrusted || !mayFollow(here, found)) throw new OddFile(`${step} in ${path} is a link of another user's`);
        if (++links > MOST_LINKS) throw new OddFile(`${path} leads in a ring`);
        const target = readlinkSync(place);
        left.push(...stepsOf(target));
        if (target.startsWith('/')) at = replaced(at, '/');
      } else {
        if (found === undefined && isTrusted) mkdirSync(place, 0o755);
        at = replaced(at, place);
      }
    }
    return { descriptor: at, isTrusted };
  } catch (error) {
    closeSync(at);
    throw error;
  }
}

/** The last one first. */
function stepsOf(path: string): string[] {
  return path
    .split('/')
    .filter((step) => step !== '' && step !== '.')
    .reverse();
}

function openDirectory(path: string): number {
  try {
    return openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ENOTDIR' ? new OddFile(NO_DIRECTORY) : error;
  }
}

function replaced(directory: number, path: string): number {
  const next = openDirectory(path);
  closeSync(directory);
  return next;
}

/** Others cannot move or remove what is root's in it. */
function isSafe(directory: Stats): boolean {
  return isOurs(directory) && ((directory.mode & OTHERS_MAY_WRITE) === 0 || (directory.mode & STICKY) !== 0);
}

function isOurs({ uid }: Stats): boolean {
  return uid === 0;
}

/** Where others can make links too, only one that is root's. */
function mayFollow(directory: Stats, link: Stats): boolean {
  return isOurs(link) || (directory.mode & (GROUP_MAY_WRITE | OTHERS_MAY_WRITE)) === 0;
}
