/** The files of a log directory, and their lines. */
import { closeSync, fstatSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { archives, CURRENT } from '../logger/log-directory.ts';
import { type LogEntry, parseEntry } from './entry.ts';

/** The inode of no file. */
const NONE = 0;
const NEWLINE = 10;
/** Bytes that are looked through at once for the end of the last line. */
const TAIL = 4096;

/** What is asked for of each log. */
export interface Extent {
  /** Lines from the end; infinite: all. */
  readonly count: number;
  /** Milliseconds since the epoch. */
  readonly since: number;
}

/** The last entries of a log directory, oldest first. Empty if it is no log directory (yet). */
export function lastEntries(directory: string, extent: Extent): LogEntry[] {
  const current = openCurrent(directory);
  try {
    return entriesBefore(directory, current && { ...current, size: current.length }, extent);
  } finally {
    if (current !== null) closeSync(current.file);
  }
}

/**
 * The last entries up to the first `size` bytes of `current`, which was opened before: it may have been rotated away since,
 * and the file that was next as well.
 */
export function entriesBefore(directory: string, current: Current | null, { count, since }: Extent): LogEntry[] {
  const older = archivesBefore(directory, current?.inode ?? NONE).reverse();
  const newest = current === null ? [] : parseLines(beginningOf(current), null);
  let found: LogEntry[] = [];
  for (const read of [() => newest, ...older.map((path) => () => entriesOf(path))]) {
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
function archivesBefore(directory: string, inode: number): string[] {
  const paths = archivePaths(directory);
  const at = inode === NONE ? -1 : paths.findIndex((path) => inodeOf(path) === inode);
  return at === -1 ? paths : paths.slice(0, at);
}

/** Paths of the archives that came between the files of these inodes, oldest first. The older one may be gone. */
export function archivesBetween(directory: string, older: number, newer: number): string[] {
  const paths = archivesBefore(directory, newer);
  return older === NONE ? paths : paths.slice(paths.findIndex((path) => inodeOf(path) === older) + 1);
}

/** Oldest first. */
function archivePaths(directory: string): string[] {
  try {
    return archives(directory).map((name) => join(directory, name));
  } catch {
    return [];
  }
}

function inodeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.ino ?? NONE;
}

function beginningOf({ file, size }: Current): string {
  const bytes = Buffer.alloc(size);
  return bytes.toString('utf8', 0, readSync(file, bytes, 0, size, 0));
}

/** Empty if it is gone. */
export function entriesOf(path: string): LogEntry[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    // Rotated away since it was listed; or nothing has been written yet.
    return [];
  }
  return parseLines(text, null);
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

/** Null if there is none. To be closed by who opened it. */
export function openCurrent(directory: string): Current | null {
  let file: number;
  try {
    file = openSync(join(directory, CURRENT), 'r');
  } catch {
    return null;
  }
  const { ino, size } = fstatSync(file);
  return { file, inode: ino, size: endOfLastLine(file, size), length: size };
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
