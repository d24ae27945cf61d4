/**
 * Reads a source: every definition's files, and no judgement. Nothing that a source can hold makes it hang or read
 * without end: FIFOs and devices are never opened, links within copied trees are not followed, and what a definition
 * cannot have is not looked into.
 */

import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  type Stats,
  statSync,
} from 'node:fs';
import { KNOWN_FILES, type Reading } from '@muster/core/compile/known-files';
import { showText } from '@muster/core/compile/names';
import type { SourceDefinition, SourceEntry, SourceProblem, SourceTree } from '@muster/core/compile/source';

/** A script or data file may be this long. */
const LARGEST_FILE = 512 * 1024 * 1024;

export function readSource(path: string): SourceTree {
  const problems: SourceProblem[] = [];
  const plainFiles: string[] = [];
  return { path, definitions: readDefinitions(path, problems, plainFiles), problems, plainFiles };
}

function* readDefinitions(path: string, problems: SourceProblem[], plainFiles: string[]): Generator<SourceDefinition> {
  let names: string[];
  try {
    names = list(path);
  } catch (error) {
    problems.push({ problem: 'missing-source', path, code: codeOf(error) });
    return;
  }
  for (const name of names) {
    if (name.startsWith('.')) continue;
    const place = `${path}/${name}`;
    const unreadable = (error: unknown) =>
      problems.push({ problem: 'unreadable', path: place, cause: causeOf(error, place) });
    try {
      if (name.includes('\ufffd') && !exists(place)) throw new NotUtf8(name);
      if (statSync(place).isDirectory()) yield { name, path: place, entries: readEntries(place) };
      else plainFiles.push(name);
    } catch (error) {
      unreadable(error);
    }
  }
}

function readEntries(directory: string): Map<string, SourceEntry> {
  const entries = new Map<string, SourceEntry>();
  for (const name of list(directory)) {
    const reading = KNOWN_FILES.get(name)?.reading;
    entries.set(name, reading === undefined ? PRESENT : readEntry(`${directory}/${name}`, reading));
  }
  return entries;
}

const PRESENT: SourceEntry = { kind: 'present' };

function readEntry(path: string, reading: Reading): SourceEntry {
  switch (reading) {
    case 'flag':
      return PRESENT;
    case 'text':
    case 'script':
      return guarded(path, () => readFollowed(path, () => ({ kind: 'directory', entries: NOTHING })));
    case 'names':
      return guarded(path, () => readFollowed(path, () => readNames(path)));
    case 'weighted-names':
      return guarded(path, () => readFollowed(path, () => readWeightedNames(path)));
    case 'tree':
    case 'file-or-tree':
      return guarded(path, () => readFollowed(path, () => readTree(path)));
  }
}

const NOTHING: ReadonlyMap<string, SourceEntry> = new Map();

function readFollowed(path: string, directory: () => SourceEntry): SourceEntry {
  const stats = statSync(path);
  if (stats.isDirectory()) return directory();
  return stats.isFile() ? readFile(path) : special(stats);
}

function readNames(path: string): SourceEntry {
  const entries = new Map<string, SourceEntry>();
  for (const name of list(path)) entries.set(name, PRESENT);
  return { kind: 'directory', entries };
}

/** Entries of `dependencies.d`: only a regular file's content counts, and only if there is any. */
function readWeightedNames(path: string): SourceEntry {
  const entries = new Map<string, SourceEntry>();
  for (const name of list(path)) {
    const entry = `${path}/${name}`;
    const stats = lstatSync(entry, { throwIfNoEntry: false });
    entries.set(name, stats?.isFile() === true && stats.size > 0 ? guarded(entry, () => readFile(entry)) : PRESENT);
  }
  return { kind: 'directory', entries };
}

function readTree(path: string): SourceEntry {
  const entries = new Map<string, SourceEntry>();
  for (const name of list(path)) {
    const place = `${path}/${name}`;
    entries.set(
      name,
      guarded(place, () => readTreeEntry(place)),
    );
  }
  return { kind: 'directory', entries };
}

function readTreeEntry(path: string): SourceEntry {
  const stats = lstatSync(path);
  if (stats.isSymbolicLink()) return { kind: 'link', target: readlinkSync(path) };
  if (stats.isDirectory()) return readTree(path);
  return stats.isFile() ? readFile(path) : special(stats);
}

function readFile(path: string): SourceEntry {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    const stats = fstatSync(file);
    if (!stats.isFile()) return special(stats);
    if (stats.size > LARGEST_FILE) return { kind: 'unreadable', cause: { why: 'too-large', limit: LARGEST_FILE } };
    const bytes = new Uint8Array(stats.size);
    let at = 0;
    while (at < bytes.length) {
      const count = readSync(file, bytes, at, bytes.length - at, null);
      if (count === 0) break;
      at += count;
    }
    return { kind: 'file', mode: stats.mode & 0o7777, bytes: at === bytes.length ? bytes : bytes.subarray(0, at) };
  } finally {
    closeSync(file);
  }
}

function special(stats: Stats): SourceEntry {
  const what = stats.isFIFO() ? 'a FIFO' : stats.isSocket() ? 'a socket' : 'a device';
  return { kind: 'special', what };
}

function guarded(path: string, read: () => SourceEntry): SourceEntry {
  try {
    return read();
  } catch (error) {
    return { kind: 'unreadable', cause: causeOf(error, path) };
  }
}

function list(directory: string): string[] {
  return readdirSync(directory).sort();
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

class NotUtf8 extends Error {}

function causeOf(error: unknown, path: string): (SourceEntry & { kind: 'unreadable' })['cause'] {
  if (error instanceof NotUtf8) return { why: 'not-utf8', shown: showText(error.message) };
  const code = codeOf(error);
  if (code !== 'ENOENT') return { why: 'system', code };
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true
    ? { why: 'dangling-link' }
    : { why: 'vanished' };
}

function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error) return String(error.code);
  throw error;
}
