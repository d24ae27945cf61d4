/**
 * Reading directories and small files relative to a descriptor, with as few system calls as there can be: a source of
 * thousands of definitions is read in half the time that `node:fs` takes, and a directory that is renamed meanwhile is
 * still the one that was opened.
 */
import { constants } from 'node:fs';
import { constants as system } from 'node:os';
import { errno, libc, libcWithPointers, O_CLOEXEC, SystemError } from './libc.ts';

/** Paths are relative to the working directory. */
export const HERE = -100;

const KINDS = ['unknown', 'file', 'directory', 'link', 'fifo', 'socket', 'device'] as const;
export type Kind = (typeof KINDS)[number];

export interface DirectoryEntry {
  readonly name: string;
  /** `unknown` on file systems that do not tell. */
  readonly kind: Kind;
  /** Whether the name's bytes are UTF-8; if not, `name` cannot be used to open it. */
  readonly utf8: boolean;
}

export interface FileStatus {
  readonly kind: Kind;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
}

const { O_RDONLY, O_DIRECTORY, O_NONBLOCK, O_NOCTTY } = constants;
const GETDENTS64 = process.arch === 'arm64' ? 61 : 217;
const AT_SYMLINK_NOFOLLOW = 0x100;
const AT_EMPTY_PATH = 0x1000;
const STATX_WANTED = 0x21b;
const NAME_LIMIT = 4096;

const name = Buffer.alloc(NAME_LIMIT);
const status = Buffer.alloc(256);
const records = Buffer.alloc(1 << 16);
const content = Buffer.alloc(1 << 16);

/** `at`: an open directory, or `HERE`, to which `path` is relative. Throws SystemError. */
export function openDirectory(at: number, path: string): number {
  return open(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

export function closeDescriptor(descriptor: number): void {
  libc().close(descriptor);
}

/** Everything in an open directory but `.` and `..`, in the file system's order. Throws SystemError. */
export function listDirectory(directory: number): DirectoryEntry[] {
  const entries: DirectoryEntry[] = [];
  for (;;) {
    const length = libcWithPointers().syscall(GETDENTS64, directory, records, records.length);
    if (length < 0) throw new SystemError('getdents64', errno());
    if (length === 0) return entries;
    for (let at = 0; at < length; at += records[at + 16]! | (records[at + 17]! << 8)) {
      const entry = entryAt(at + 18);
      if (entry !== null) entries.push(entry);
    }
  }
}

/** The record's type is one byte, and its name follows, ended by a NUL. */
function entryAt(at: number): DirectoryEntry | null {
  const start = at + 1;
  const end = records.indexOf(0, start);
  if (records[start] === 0x2e && (end === start + 1 || (end === start + 2 && records[start + 1] === 0x2e))) return null;
  const kind = ENTRY_KINDS.get(records[at]!) ?? 'unknown';
  let ascii = true;
  for (let i = start; i < end; i++) ascii &&= records[i]! < 0x80;
  if (ascii) return { name: records.toString('latin1', start, end), kind, utf8: true };
  const text = records.toString('utf8', start, end);
  return { name: text, kind, utf8: Buffer.from(text).equals(records.subarray(start, end)) };
}

const ENTRY_KINDS: ReadonlyMap<number, Kind> = new Map([
  [1, 'fifo'],
  [2, 'device'],
  [4, 'directory'],
  [6, 'device'],
  [8, 'file'],
  [10, 'link'],
  [12, 'socket'],
]);

/** Of what a path leads to. Throws SystemError. */
export function statusAt(at: number, path: string): FileStatus {
  return readStatus(at, path, 0);
}

/** Of a link itself. Throws SystemError. */
export function ownStatusAt(at: number, path: string): FileStatus {
  return readStatus(at, path, AT_SYMLINK_NOFOLLOW);
}

/** Of an open file. Throws SystemError. */
export function statusOf(descriptor: number): FileStatus {
  return readStatus(descriptor, '', AT_EMPTY_PATH);
}

function readStatus(at: number, path: string, flags: number): FileStatus {
  setName(path);
  if (libc().statx(at, name, flags, STATX_WANTED, status) !== 0) throw new SystemError('statx', errno(), path);
  const mode = status.readUInt16LE(28);
  return {
    kind: MODE_KINDS.get(mode & 0o170000) ?? 'unknown',
    mode: mode & 0o7777,
    uid: status.readUInt32LE(20),
    gid: status.readUInt32LE(24),
    size: status.readUInt32LE(44) * 2 ** 32 + status.readUInt32LE(40),
  };
}

const MODE_KINDS: ReadonlyMap<number, Kind> = new Map([
  [0o010000, 'fifo'],
  [0o020000, 'device'],
  [0o040000, 'directory'],
  [0o060000, 'device'],
  [0o100000, 'file'],
  [0o120000, 'link'],
  [0o140000, 'socket'],
]);

/** Opens a file for reading; a FIFO does not make it wait. Throws SystemError. */
export function openFile(at: number, path: string): number {
  return open(at, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

/**
 * What is left to be read of an open regular file, of which a read that is short is the last; null if it is more than
 * `limit` bytes. Throws SystemError.
 */
export function readAll(descriptor: number, limit: number): Uint8Array | null {
  let buffer = content;
  let length = 0;
  for (;;) {
    const free = length === 0 ? buffer : buffer.subarray(length);
    const count = libc().read(descriptor, free, free.length);
    if (count < 0) throw new SystemError('read', errno());
    length += count;
    if (length > limit) return null;
    if (length < buffer.length) return copyOf(buffer, length);
    const grown = Buffer.alloc(buffer.length * 4);
    grown.set(buffer);
    buffer = grown;
  }
}

/** A plain array of its own: a Buffer's `slice` would be a view. */
function copyOf(buffer: Buffer, length: number): Uint8Array {
  const copy = new Uint8Array(length);
  copy.set(length === buffer.length ? buffer : buffer.subarray(0, length));
  return copy;
}

function open(at: number, path: string, flags: number): number {
  setName(path);
  const descriptor = libc().openat(at, name, flags, 0);
  if (descriptor < 0) throw new SystemError('open', errno(), path);
  return descriptor;
}

function setName(path: string): void {
  const length = name.write(path);
  if (length >= NAME_LIMIT - 3 || path.includes('\0')) throw new SystemError('open', system.errno.ENAMETOOLONG, path);
  name[length] = 0;
}

/** Where a symbolic link leads; null if that is not UTF-8. Throws SystemError. */
export function readLink(at: number, path: string): string | null {
  setName(path);
  const length = libc().readlinkat(at, name, records, records.length);
  if (length < 0) throw new SystemError('readlink', errno(), path);
  const text = records.toString('utf8', 0, length);
  return Buffer.from(text).equals(records.subarray(0, length)) ? text : null;
}
