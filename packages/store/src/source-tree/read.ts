/**
 * Reads a source: every definition's files, and no judgement. Nothing that a source can hold makes it hang or read
 * without end: FIFOs and devices are never read, links within copied trees are not followed, and what a definition
 * cannot have is not looked into. Everything is opened relative to the directory that holds it.
 *
 * Of what is open it is asked whose it is and who may read it. A directory that others may not look into narrows the
 * modes of all that is in it: copies lie elsewhere, and may not be read by more people than the originals.
 */

import { KNOWN_FILES, type Reading } from '@muster/core/compile/known-files';
import { showText } from '@muster/core/compile/names';
import type {
  SourceDefinition,
  SourceEntry,
  SourceFile,
  SourceProblem,
  SourceTree,
  UnreadableCause,
} from '@muster/core/compile/source';
import type { Diagnostic } from '@muster/core/diagnostics/diagnostic';
import { OPEN_DIRECTORY } from '@muster/core/model/modes';
import { failure, type Result, success } from '@muster/core/result';
import {
  closeDescriptor,
  type DirectoryEntry,
  type Kind,
  listDirectory,
  openFile,
  ownStatusAt,
  readAll,
  readLink,
  statusAt,
  statusOf,
} from '@muster/posix/directory';
import { SystemError } from '@muster/posix/libc';
import { prepareFor } from '../much-work.ts';
import { narrowed } from './narrow.ts';
import type { Sightings } from './sightings.ts';
import { distrusts, distrustsWay, enter, type OpenDirectory, openSource, type Walk } from './source-directory.ts';
import { parseDefinition, TOML_SUFFIX } from './toml.ts';

/** A script or data file may have so many bytes. */
const LARGEST_FILE = 512 * 1024 * 1024;

/** A list, a number, a definition in one file: 100,000 names of 255 bytes would be half of it. */
const LARGEST_TEXT = 64 * 1024 * 1024;

/** All of a source: what is read of it is kept in memory. */
const LARGEST_SOURCE = 2 ** 31;

/** `distrusted`: what others could have written or put there, by this user's judgement; complete as `problems` are. */
export interface ReadSource extends SourceTree {
  readonly distrusted: readonly Diagnostic[];
}

export function readSource(named: string, sightings: Sightings | null = null): ReadSource {
  const path = named.replace(/(.)\/+$/, '$1');
  const problems: SourceProblem[] = [];
  const plainFiles: string[] = [];
  const distrusted: Diagnostic[] = [];
  return {
    path,
    definitions: readDefinitions(path, { problems, plainFiles, distrusted, sightings }),
    problems,
    plainFiles,
    distrusted,
  };
}

/** What there is to say of a source besides its definitions. */
interface Findings {
  readonly problems: SourceProblem[];
  readonly plainFiles: string[];
  readonly distrusted: Diagnostic[];
  readonly sightings: Sightings | null;
}

function* readDefinitions(
  path: string,
  { problems, plainFiles, distrusted, sightings }: Findings,
): Generator<SourceDefinition> {
  let source: OpenDirectory;
  try {
    source = openSource(path, { left: LARGEST_SOURCE, distrusted, last: new Map(), sightings });
  } catch (error) {
    problems.push({ kind: 'missing-source', path, code: codeOf(error) });
    return;
  }
  try {
    const entries = listDirectory(source.descriptor).sort(byName);
    prepareFor(entries.length);
    for (const entry of entries) {
      if (entry.name.startsWith('.')) continue;
      const found = entry.utf8 ? readOne(source, entry, `${path}/${entry.name}`) : notUtf8(path, entry);
      if (found === PLAIN) plainFiles.push(entry.name);
      else if (found.ok) yield found.value;
      else problems.push(found.problem);
    }
  } finally {
    closeDescriptor(source.descriptor);
  }
}

/** So that what is said about a source does not depend on the order in which a file system lists it. */
function byName(a: DirectoryEntry, b: DirectoryEntry): number {
  return a.name < b.name ? -1 : 1;
}

/** It is no definition. */
const PLAIN = 'plain';

function readOne(
  source: OpenDirectory,
  { name, kind }: DirectoryEntry,
  path: string,
): Result<SourceDefinition, SourceProblem> | typeof PLAIN {
  try {
    if (isFollowed(kind)) source.walk.sightings?.giveUp();
    const target = isFollowed(kind) ? statusAt(source.descriptor, name).kind : kind;
    if (target === 'directory') return success(readDefinition(source, name, path, isFollowed(kind)));
    if (target === 'file' && name.endsWith(TOML_SUFFIX)) return readToml(source, name, path);
    return PLAIN;
  } catch (error) {
    return failure({ kind: 'unreadable', name: definedName(name), path, cause: causeOf(error, source, name) });
  }
}

/** Which definition a directory or file of this name is, or would be if it could be read. */
function definedName(name: string): string {
  return name.endsWith(TOML_SUFFIX) ? name.slice(0, -TOML_SUFFIX.length) : name;
}

function readDefinition(source: OpenDirectory, name: string, path: string, isFollowed: boolean): SourceDefinition {
  const directory = enter(source, name, isFollowed);
  try {
    return { name, path, entries: readEntries(directory, KNOWN_FILES) };
  } finally {
    closeDescriptor(directory.descriptor);
  }
}

/** `known`: what is looked into; of anything else, only the name is of interest. */
function readEntries(
  directory: OpenDirectory,
  known: ReadonlyMap<string, { readonly reading: Reading }>,
): Map<string, SourceEntry> {
  const entries = new Map<string, SourceEntry>();
  for (const entry of listDirectory(directory.descriptor)) {
    const reading = known.get(entry.name)?.reading;
    entries.set(entry.name, reading === undefined ? PRESENT : readEntry(directory, entry, reading));
  }
  return entries;
}

function readToml(source: OpenDirectory, file: string, path: string): Result<SourceDefinition, SourceProblem> {
  const name = definedName(file);
  const entry = readText(source, file);
  if (entry.kind !== 'file') return failure({ kind: 'unreadable', name, path, cause: entry.cause });
  const text = textOf(entry.bytes);
  if (text !== null) {
    const parsed = parseDefinition(name, path, text);
    return parsed.ok ? success(narrowed(parsed.value, entry.mode)) : parsed;
  }
  const message = 'this file is not valid UTF-8';
  return failure({ kind: 'bad-toml', name, path, message, line: 1, column: 1, hint: 'convert it to UTF-8' });
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

function readEntry(at: OpenDirectory, { name, kind }: DirectoryEntry, reading: Reading): SourceEntry {
  if (reading === 'flag') return PRESENT;
  try {
    if (isFollowed(kind)) at.walk.sightings?.giveUp();
    const target = isFollowed(kind) ? statusAt(at.descriptor, name).kind : kind;
    if (isFollowed(kind) && !at.isDistrusted) distrustsWay(`${at.path}/${name}`, at.walk);
    switch (target) {
      case 'file':
        return read(at, name, reading === 'text' ? LARGEST_TEXT : LARGEST_FILE);
      case 'directory':
        return directoryAs(reading, at, name);
      default:
        return special(target);
    }
  } catch (error) {
    return refused(error, at, name);
  }
}

function directoryAs(reading: Exclude<Reading, 'flag'>, at: OpenDirectory, name: string): SourceEntry {
  switch (reading) {
    case 'text':
    case 'script':
      return { kind: 'directory', mode: OPEN_DIRECTORY, entries: NOTHING };
    case 'names':
      return readDirectory(at, name, () => PRESENT);
    case 'weighted-names':
      return readDirectory(at, name, readWeight);
    case 'tree':
      return readDirectory(at, name, readTreeEntry);
    case 'file-or-service':
      return inside(at, name, (directory) => readEntries(directory, PARTS_OF_LOGGERS));
  }
}

function isFollowed(kind: Kind): boolean {
  return kind === 'link' || kind === 'unknown';
}

function readDirectory(
  at: OpenDirectory,
  name: string,
  read: (directory: OpenDirectory, entry: DirectoryEntry) => SourceEntry,
): SourceEntry {
  return inside(at, name, (directory) => {
    const listed = listDirectory(directory.descriptor);
    if (listed.length > 1) listed.sort(byName);
    const entries = new Map<string, SourceEntry>();
    for (const entry of listed) entries.set(entry.name, entry.utf8 ? read(directory, entry) : unreadable(entry));
    return entries;
  });
}

function inside(
  at: OpenDirectory,
  name: string,
  read: (directory: OpenDirectory) => Map<string, SourceEntry>,
): SourceEntry {
  // Who followed a link to it has asked about the way.
  const directory = enter(at, name, false);
  try {
    const mode = directory.mode & (at.allowed | 0o7000);
    return { kind: 'directory', mode, entries: read(directory) };
  } finally {
    closeDescriptor(directory.descriptor);
  }
}

/** An entry of `dependencies.d`: only a regular file's content counts, and only if there is any. */
function readWeight(at: OpenDirectory, { name, kind }: DirectoryEntry): SourceEntry {
  if (kind !== 'file' && kind !== 'unknown') return PRESENT;
  try {
    const status = ownStatusAt(at.descriptor, name);
    at.walk.sightings?.add(`${at.path}/${name}`);
    return status.kind === 'file' && status.size > 0 ? readText(at, name) : PRESENT;
  } catch (error) {
    return refused(error, at, name);
  }
}

function readTreeEntry(at: OpenDirectory, { name, kind }: DirectoryEntry): SourceEntry {
  try {
    if (kind === 'unknown') at.walk.sightings?.giveUp();
    const own = kind === 'unknown' ? ownStatusAt(at.descriptor, name).kind : kind;
    switch (own) {
      case 'link': {
        const target = readLink(at.descriptor, name);
        return target === null ? NOT_UTF8_TARGET : { kind: 'link', target };
      }
      case 'directory':
        return readDirectory(at, name, readTreeEntry);
      case 'file':
        return read(at, name, LARGEST_FILE);
      default:
        return special(own);
    }
  } catch (error) {
    return refused(error, at, name);
  }
}

const NOT_UTF8_TARGET: SourceEntry = {
  kind: 'unreadable',
  cause: { kind: 'not-utf8', shown: 'of what the link leads to' },
};

type Read = Extract<SourceEntry, { kind: 'file' | 'unreadable' }>;

function readText(at: OpenDirectory, name: string): Read {
  return read(at, name, LARGEST_TEXT);
}

function read(at: OpenDirectory, name: string, limit: number): Read {
  const { walk } = at;
  const file = openFile(at.descriptor, name);
  try {
    const status = statusOf(file);
    walk.sightings?.add(`${at.path}/${name}`);
    // It was a file a moment ago.
    if (status.kind !== 'file') return { kind: 'unreadable', cause: { kind: 'vanished' } };
    if (!at.isDistrusted) distrusts(`${at.path}/${name}`, status, walk);
    const bytes = readAll(file, Math.min(limit, walk.left));
    if (bytes === null)
      return walk.left < limit
        ? { kind: 'unreadable', cause: { kind: 'source-too-large', limit: LARGEST_SOURCE } }
        : { kind: 'unreadable', cause: { kind: 'too-large', limit } };
    walk.left -= bytes.length;
    return fileOf(status.mode & (at.allowed | 0o7000), bytes, name, walk);
  } finally {
    closeDescriptor(file);
  }
}

/** The same object as the last of that name, if it says the same: what is found out about one is known of the other. */
function fileOf(mode: number, bytes: Uint8Array, name: string, { last }: Walk): SourceFile {
  const other = last.get(name);
  if (other !== undefined && other.mode === mode && Buffer.compare(other.bytes, bytes) === 0) return other;
  const file: SourceFile = { kind: 'file', mode, bytes };
  last.set(name, file);
  return file;
}

function special(kind: Kind): SourceEntry {
  const what = kind === 'fifo' ? 'a FIFO' : kind === 'socket' ? 'a socket' : 'a device';
  return { kind: 'special', what };
}

function unreadable({ name }: DirectoryEntry): SourceEntry & { kind: 'unreadable' } {
  return { kind: 'unreadable', cause: { kind: 'not-utf8', shown: showText(name) } };
}

/** What stands for an entry of which the system says why it cannot be read. */
function refused(error: unknown, at: OpenDirectory, name: string): SourceEntry & { kind: 'unreadable' } {
  return { kind: 'unreadable', cause: causeOf(error, at, name) };
}

function causeOf(error: unknown, at: OpenDirectory, name: string): UnreadableCause {
  const code = codeOf(error);
  if (code !== 'ENOENT') return { kind: 'system', code };
  return isLink(at, name) ? { kind: 'dangling-link' } : { kind: 'vanished' };
}

function isLink(at: OpenDirectory, name: string): boolean {
  try {
    return ownStatusAt(at.descriptor, name).kind === 'link';
  } catch {
    return false;
  }
}

function codeOf(error: unknown): string {
  if (error instanceof SystemError) return error.code;
  throw error;
}

/** The message shows the name; the place is what holds it. */
function notUtf8(path: string, entry: DirectoryEntry): Result<SourceDefinition, SourceProblem> {
  return failure({ kind: 'unreadable', name: null, path, cause: unreadable(entry).cause });
}
