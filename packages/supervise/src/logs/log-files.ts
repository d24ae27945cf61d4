/** The files of a log directory, and their lines. */
import { fstatSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { archives, CURRENT } from '../logger/log-directory.ts';
import { type LogEntry, parseEntry } from './entry.ts';

/** What is asked for of each log. */
export interface Extent {
  /** Lines from the end; infinite: all. */
  readonly count: number;
  /** Milliseconds since the epoch. */
  readonly since: number;
}

/** The last entries of a log directory, oldest first. Empty if it is no log directory (yet). */
export function lastEntries(directory: string, { count, since }: Extent): LogEntry[] {
  let found: LogEntry[] = [];
  for (const name of files(directory).reverse()) {
    const entries = entriesOf(join(directory, name));
    const wanted = entries.filter(({ at }) => (at ?? Number.POSITIVE_INFINITY) >= since);
    found = [...wanted, ...found];
    if (found.length >= count || wanted.length < entries.length) break;
  }
  return found.length > count ? found.slice(found.length - count) : found;
}

/** Oldest first. */
function files(directory: string): string[] {
  try {
    return [...archives(directory), CURRENT];
  } catch {
    return [];
  }
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

/** Null if there is none. */
export function openCurrent(
  directory: string,
): { readonly file: number; readonly inode: number; readonly size: number } | null {
  let file: number;
  try {
    file = openSync(join(directory, CURRENT), 'r');
  } catch {
    return null;
  }
  const { ino, size } = fstatSync(file);
  return { file, inode: ino, size };
}
