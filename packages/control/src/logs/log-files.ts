/**
 * The files of a log directory, and their lines. Whose directory it is, or who may write there, can put anything in their
 * place: what is no file is not opened, and all that cannot be read is told, while the rest is read.
 */
import { closeSync, readSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { NotAFile, type OpenedFile, openRegular, readOpened } from '@muster/posix/regular-file';
import { groupName, userName } from '@muster/posix/users';
import { type LogEntry, parseEntry } from '@muster/protocol/logs/entry';
import { archives, CURRENT, RESERVE } from '@muster/protocol/logs/log-directory';

/** The inode of no file. */
const NONE = 0;
const NEWLINE = 10;
/** Bytes that are looked through at once for the end of the last line. */
const TAIL = 4096;
/** Bytes that one file is read of at most: what a string can hold. */
const LARGEST = 2 ** 28;

/** Told of what is there and cannot be read: `path: why`. */
export type Odd = (message: string) => void;
export const untold: Odd = () => {};

/** What is asked for of each log. */
export interface Extent {
  /** Lines from the end; infinite: all. */
  readonly count: number;
  /** Milliseconds since the epoch. */
  readonly since: number;
}

/** The last entries of a log directory, oldest first. Empty if it is no log directory (yet). */
export function lastEntries(directory: string, extent: Extent, odd = untold): LogEntry[] {
  const current = openCurrent(directory, odd);
  try {
    return entriesBefore(directory, current && { ...current, size: current.length }, extent, odd);
  } finally {
    if (current !== null) closeSync(current.file);
  }
}

/**
 * The last entries up to the first `size` bytes of `current`, which was opened before: it may have been rotated away since,
 * and the file that was next as well.
 */
export function entriesBefore(
  directory: string,
  current: Current | null,
  { count, since }: Extent,
  odd = untold,
): LogEntry[] {
  const older = [...archivesBefore(directory, current?.inode ?? NONE, odd).reverse(), join(directory, RESERVE)];
  const newest = current === null ? [] : parseLines(beginningOf(current), null);
  let found: LogEntry[] = [];
  for (const read of [() => newest, ...older.map((path) => () => entriesOf(path, odd))]) {
    const entries = read();
    const wanted = entries.filter(({ at }) => (at ?? Number.POSITIVE_INFINITY) >= since);
    found = [...wanted, ...found];
    if (found.length >= count || wanted.length < entries.length) break;
  }
  return found.length > count ? found.slice(found.length - count) : found;
}

/** The inode of the newest archive; `NONE`: there is none. */
export function newestArchive(directory: string): number {
  const newest = archivePaths(directory).at(-1);
  return newest === undefined ? NONE : inodeOf(newest);
}

/** Paths of the archives that are older than the file of this inode, oldest first: all, unless it is an archive by now. */
function archivesBefore(directory: string, inode: number, odd = untold): string[] {
  const paths = archivePaths(directory, odd);
  const at = inode === NONE ? -1 : paths.findIndex((path) => inodeOf(path) === inode);
  return at === -1 ? paths : paths.slice(0, at);
}

/** Paths of the archives that came between the files of these inodes, oldest first. The older one may be gone. */
export function archivesBetween(directory: string, older: number, newer: number): string[] {
  const paths = archivesBefore(directory, newer);
  return older === NONE ? paths : paths.slice(paths.findIndex((path) => inodeOf(path) === older) + 1);
}

/** Oldest first. */
function archivePaths(directory: string, odd = untold): string[] {
  try {
    return archives(directory).map((name) => join(directory, name));
  } catch (error) {
    tellOdd(directory, error, odd);
    return [];
  }
}

/** What is missing is not odd: nothing has been written yet, or it was rotated away since it was listed. */
function tellOdd(path: string, error: unknown, odd: Odd): void {
  if (error instanceof NotAFile) odd(`${path} is ${error.what}`);
  else if (isErrorCode(error, 'EACCES')) odd(`${path}: EACCES${readersOf(path)}`);
  else if (!isErrorCode(error, 'ENOENT')) odd(`${path}: ${(error as NodeJS.ErrnoException).code}`);
}

function isErrorCode(error: unknown, code: string): boolean {
  return (error as NodeJS.ErrnoException).code === code;
}

/** Whom it is for, or the directory that it is in. Empty if nobody can know. */
function readersOf(path: string): string {
  for (const place of [path, dirname(path)]) {
    try {
      const { uid, gid, mode } = statSync(place);
      const group = (mode & 0o040) === 0 ? '' : ` and the group ${groupName(gid)}`;
      return `, ${userName(uid)}${group} may read it`;
    } catch {
      // The next one may be seen.
    }
  }
  return '';
}

function inodeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.ino ?? NONE;
}

function beginningOf({ file, size }: Current): string {
  const bytes = Buffer.alloc(size);
  return bytes.toString('utf8', 0, readSync(file, bytes, 0, size, 0));
}

/** Empty if it is gone, or cannot be read. */
export function entriesOf(path: string, odd = untold): LogEntry[] {
  const file = opened(path, odd);
  if (file === null) return [];
  try {
    return parseLines(readOpened(file, path, { limit: LARGEST }).toString('utf8'), null);
  } catch (error) {
    tellOdd(path, error, odd);
    return [];
  } finally {
    closeSync(file.descriptor);
  }
}

/** Null if it is gone, or cannot be read. */
function opened(path: string, odd: Odd): OpenedFile | null {
  try {
    return openRegular(path);
  } catch (error) {
    tellOdd(path, error, odd);
    return null;
  }
}

/** Entries of whole lines. */
export function parseLines(text: string, before: number | null): LogEntry[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  let time = before;
  return lines.map((line) => {
    const entry = parseEntry(line, time);
    time = entry.at;
    return entry;
  });
}

/** The file that was `current` when it was opened. */
export interface Current {
  readonly file: number;
  readonly inode: number;
  /** Up to the end of its last whole line. */
  readonly size: number;
  /** Of all of it. */
  readonly length: number;
}

/** Null if there is none that can be read. To be closed by who opened it. */
export function openCurrent(directory: string, odd = untold): Current | null {
  const path = join(directory, CURRENT);
  const file = opened(path, odd);
  if (file === null) return null;
  const { ino, size } = file.stats;
  if (size > LARGEST) {
    odd(`${path}: EFBIG`);
    closeSync(file.descriptor);
    return null;
  }
  return { file: file.descriptor, inode: ino, size: endOfLastLine(file.descriptor, size), length: size };
}

function endOfLastLine(file: number, size: number): number {
  const chunk = Buffer.alloc(TAIL);
  for (let end = size; end > 0; end -= TAIL) {
    const start = Math.max(0, end - TAIL);
    const length = readSync(file, chunk, 0, end - start, start);
    const at = chunk.subarray(0, length).lastIndexOf(NEWLINE);
    if (at !== -1) return start + at + 1;
  }
  return 0;
}
