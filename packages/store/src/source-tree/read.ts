/**
 * Reads a source: every definition's files, and no judgement. Nothing that a source can hold makes it hang or read
 * without end: FIFOs and devices are never read, links within copied trees are not followed, and what a definition
 * cannot have is not looked into. Everything is opened relative to the directory that holds it.
 */
import { KNOWN_FILES, type Reading } from '@muster/core/compile/known-files';
import { showText } from '@muster/core/compile/names';
import type {
  SourceDefinition,
  SourceEntry,
  SourceProblem,
  SourceTree,
  UnreadableCause,
} from '@muster/core/compile/source';
import {
  closeDescriptor,
  type DirectoryEntry,
  HERE,
  type Kind,
  listDirectory,
  openDirectory,
  openFile,
  ownStatusAt,
  readAll,
  readLink,
  statusAt,
  statusOf,
} from '@muster/posix/directory';
import { SystemError } from '@muster/posix/libc';
import { parseDefinition, TOML_SUFFIX } from './toml.ts';

/** A script or data file may have so many bytes. */
const LARGEST_FILE = 512 * 1024 * 1024;

/** A list, a number, a definition in one file: 100,000 names of 255 bytes would be half of it. */
const LARGEST_TEXT = 64 * 1024 * 1024;

/** All of a source: what is read of it is kept in memory. */
const LARGEST_SOURCE = 2 ** 31;

/** Of the source that is being read. */
let left = LARGEST_SOURCE;

export function readSource(named: string): SourceTree {
  const path = named.replace(/(.)\/+$/, '$1');
  const problems: SourceProblem[] = [];
  const plainFiles: string[] = [];
  return { path, definitions: readDefinitions(path, problems, plainFiles), problems, plainFiles };
}

function* readDefinitions(path: string, problems: SourceProblem[], plainFiles: string[]): Generator<SourceDefinition> {
  left = LARGEST_SOURCE;
  let source: number;
  try {
    source = openDirectory(HERE, path);
  } catch (error) {
    problems.push({ problem: 'missing-source', path, code: codeOf(error) });
    return;
  }
  try {
    for (const entry of listDirectory(source).sort(byName)) {
      if (entry.name.startsWith('.')) continue;
      const found = entry.utf8 ? readOne(source, entry, `${path}/${entry.name}`) : notUtf8(path, entry);
      if (found === PLAIN) plainFiles.push(entry.name);
      else if ('problem' in found) problems.push(found);
      else yield found;
    }
  } finally {
    closeDescriptor(source);
  }
}

/** So that what is said about a source does not depend on the order in which a file system lists it. */
function byName(a: DirectoryEntry, b: DirectoryEntry): number {
  return a.name < b.name ? -1 : 1;
}

/** It is no definition. */
const PLAIN = 'plain';

function readOne(
  source: number,
  { name, kind }: DirectoryEntry,
  path: string,
): SourceDefinition | SourceProblem | typeof PLAIN {
  try {
    const target = isFollowed(kind) ? statusAt(source, name).kind : kind;
    if (target === 'directory') return { name, path, entries: readEntries(source, name) };
    if (target === 'file' && name.endsWith(TOML_SUFFIX)) return readToml(source, name, path);
    return PLAIN;
  } catch (error) {
    return { problem: 'unreadable', name: definedName(name), path, cause: causeOf(error, source, name) };
  }
}

/** Which definition a directory or file of this name is, or would be if it could be read. */
function definedName(name: string): string {
  return name.endsWith(TOML_SUFFIX) ? name.slice(0, -TOML_SUFFIX.length) : name;
}

/** `known`: what is looked into; of anything else, only the name is of interest. */
function readEntries(
  parent: number,
  name: string,
  known: ReadonlyMap<string, { readonly reading: Reading }> = KNOWN_FILES,
): Map<string, SourceEntry> {
  const directory = openDirectory(parent, name);
  try {
    const entries = new Map<string, SourceEntry>();
    for (const entry of listDirectory(directory)) {
      const reading = known.get(entry.name)?.reading;
      entries.set(entry.name, reading === undefined ? PRESENT : readEntry(directory, entry, reading));
    }
    return entries;
  } finally {
    closeDescriptor(directory);
  }
}

function readToml(source: number, file: string, path: string): SourceDefinition | SourceProblem {
  const name = definedName(file);
  const entry = readText(source, file);
  if (entry.kind !== 'file') return { problem: 'unreadable', name, path, cause: entry.cause };
  const text = textOf(entry.bytes);
  if (text !== null) return parseDefinition(name, path, text);
  const hint = 'convert it to UTF-8';
  return { problem: 'bad-toml', name, path, message: 'this file is not valid UTF-8', line: 1, column: 1, hint };
}

function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** A logger has no logger: `log/log` may be a link to `log`. */
const PARTS_OF_LOGGERS = new Map([...KNOWN_FILES].filter(([, { reading }]) => reading !== 'file-or-service'));

const PRESENT: SourceEntry = { kind: 'present' };
const NOTHING: ReadonlyMap<string, SourceEntry> = new Map();

function readEntry(at: number, { name, kind }: DirectoryEntry, reading: Reading): SourceEntry {
  if (reading === 'flag') return PRESENT;
  return guarded(at, name, () => {
    const target = isFollowed(kind) ? statusAt(at, name).kind : kind;
    switch (target) {
      case 'file':
        return reading === 'text' ? readText(at, name) : readFile(at, name);
      case 'directory':
        return directoryAs(reading, at, name);
      default:
        return special(target);
    }
  });
}

function directoryAs(reading: Exclude<Reading, 'flag'>, at: number, name: string): SourceEntry {
  switch (reading) {
    case 'text':
    case 'script':
      return { kind: 'directory', entries: NOTHING };
    case 'names':
      return readDirectory(at, name, () => PRESENT);
    case 'weighted-names':
      return readDirectory(at, name, readWeight);
    case 'tree':
      return readDirectory(at, name, readTreeEntry);
    case 'file-or-service':
      return { kind: 'directory', entries: readEntries(at, name, PARTS_OF_LOGGERS) };
  }
}

function isFollowed(kind: Kind): boolean {
  return kind === 'link' || kind === 'unknown';
}

function readDirectory(
  at: number,
  name: string,
  read: (directory: number, entry: DirectoryEntry) => SourceEntry,
): SourceEntry {
  const directory = openDirectory(at, name);
  try {
    const entries = new Map<string, SourceEntry>();
    for (const entry of listDirectory(directory).sort(byName))
      entries.set(entry.name, entry.utf8 ? read(directory, entry) : unreadable(entry));
    return { kind: 'directory', entries };
  } finally {
    closeDescriptor(directory);
  }
}

/** An entry of `dependencies.d`: only a regular file's content counts, and only if there is any. */
function readWeight(at: number, { name, kind }: DirectoryEntry): SourceEntry {
  if (kind !== 'file' && kind !== 'unknown') return PRESENT;
  return guarded(at, name, () => {
    const status = ownStatusAt(at, name);
    return status.kind === 'file' && status.size > 0 ? readText(at, name) : PRESENT;
  });
}

function readTreeEntry(at: number, { name, kind }: DirectoryEntry): SourceEntry {
  return guarded(at, name, () => {
    const own = kind === 'unknown' ? ownStatusAt(at, name).kind : kind;
    switch (own) {
      case 'link': {
        const target = readLink(at, name);
        return target === null ? NOT_UTF8_TARGET : { kind: 'link', target };
      }
      case 'directory':
        return readDirectory(at, name, readTreeEntry);
      case 'file':
        return readFile(at, name);
      default:
        return special(own);
    }
  });
}

const NOT_UTF8_TARGET: SourceEntry = {
  kind: 'unreadable',
  cause: { why: 'not-utf8', shown: 'of what the link leads to' },
};

type Read = Extract<SourceEntry, { kind: 'file' | 'unreadable' }>;

/** A file whose mode does not matter. */
function readText(at: number, name: string): Read {
  return read(at, name, LARGEST_TEXT, () => 0);
}

function readFile(at: number, name: string): Read {
  return read(at, name, LARGEST_FILE, (file) => statusOf(file).mode);
}

function read(at: number, name: string, limit: number, modeOf: (file: number) => number): Read {
  const file = openFile(at, name);
  try {
    const bytes = readAll(file, Math.min(limit, left));
    if (bytes === null)
      return left < limit
        ? { kind: 'unreadable', cause: { why: 'source-too-large', limit: LARGEST_SOURCE } }
        : { kind: 'unreadable', cause: { why: 'too-large', limit } };
    left -= bytes.length;
    return { kind: 'file', mode: modeOf(file), bytes };
  } finally {
    closeDescriptor(file);
  }
}

function special(kind: Kind): SourceEntry {
  const what = kind === 'fifo' ? 'a FIFO' : kind === 'socket' ? 'a socket' : 'a device';
  return { kind: 'special', what };
}

function unreadable({ name }: DirectoryEntry): SourceEntry & { kind: 'unreadable' } {
  return { kind: 'unreadable', cause: { why: 'not-utf8', shown: showText(name) } };
}

/** What `action` gives; if the system refuses, why. */
function guarded<T>(at: number, name: string, action: () => T): T | (SourceEntry & { kind: 'unreadable' }) {
  try {
    return action();
  } catch (error) {
    return { kind: 'unreadable', cause: causeOf(error, at, name) };
  }
}

function causeOf(error: unknown, at: number, name: string): UnreadableCause {
  const code = codeOf(error);
  if (code !== 'ENOENT') return { why: 'system', code };
  return isLink(at, name) ? { why: 'dangling-link' } : { why: 'vanished' };
}

function isLink(at: number, name: string): boolean {
  try {
    return ownStatusAt(at, name).kind === 'link';
  } catch {
    return false;
  }
}

function codeOf(error: unknown): string {
  if (error instanceof SystemError) return error.code;
  throw error;
}

/** The message shows the name; the place is what holds it. */
function notUtf8(path: string, entry: DirectoryEntry): SourceProblem {
  return { problem: 'unreadable', name: null, path, cause: unreadable(entry).cause };
}
