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

export type Kind = 'unknown' | 'file' | 'directory' | 'link' | 'fifo' | 'socket' | 'device';

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
/** Kind, mode, owner, group, time of the last change, inode and size. */
const STATX_WANTED = 0x39b;
const NAME_LIMIT = 4096;

const name = Buffer.alloc(NAME_LIMIT);
const NO_NAME = new Uint8Array(1);
/** A struct statx. */
const status = new Uint32Array(64);
const records = Buffer.alloc(1 << 16);
const content = new Uint8Array(1 << 16);

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
    for (let at = 0; at < length; at += records[at + 16]! | (records[at + 17]! << 8))
      if (!isDots(at + 19)) entries.push(entryAt(at + 18));
  }
}

function isDots(start: number): boolean {
  if (records[start] !== DOT) return false;
  return records[start + 1] === 0 || (records[start + 1] === DOT && records[start + 2] === 0);
}

const DOT = 0x2e;

/** The record's type is one byte, and its name follows, ended by a NUL. */
function entryAt(at: number): DirectoryEntry {
  const start = at + 1;
  const end = records.indexOf(0, start);
  const text = records.toString('utf8', start, end);
  // As many characters as bytes, and none that stands for a byte that is no UTF-8: all of it is ASCII, as most names are.
  const isAscii = text.length === end - start && !text.includes('\ufffd');
  return {
    name: text,
    kind: KINDS[records[at]!] ?? 'unknown',
    utf8: isAscii || Buffer.from(text).equals(records.subarray(start, end)),
  };
}

/** By the type that a directory has for an entry, which is what a mode has in its highest four bits. */
const KINDS: readonly (Kind | undefined)[] = [
  ...['unknown', 'fifo', 'device', undefined, 'directory', undefined, 'device', undefined, 'file'],
  ...[undefined, 'link', undefined, 'socket'],
] as readonly (Kind | undefined)[];

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
  return statusNamed(descriptor, NO_NAME, AT_EMPTY_PATH, '');
}

function readStatus(at: number, path: string, flags: number): FileStatus {
  setName(path);
  return statusNamed(at, name, flags, path);
}

function statusNamed(at: number, named: Uint8Array, flags: number, path: string): FileStatus {
  if (libc().statx(at, named, flags, STATX_WANTED, status) !== 0) throw new SystemError('statx', errno(), path);
  const mode = status[7]! & 0xffff;
  return {
    kind: KINDS[mode >> 12] ?? 'unknown',
    mode: mode & 0o7777,
    uid: status[5]!,
    gid: status[6]!,
    size: status[11]! * 2 ** 32 + status[10]!,
  };
}

/**
 * By what a file is told from what it was before: owner, group, mode, inode, size, the time of the last change of these or of
 * its content, and device; as words of a struct statx.
 */
const FINGERPRINT = [5, 6, 7, 8, 9, 10, 11, 24, 25, 26, 34, 35] as const;
export const FINGERPRINT_WORDS = FINGERPRINT.length;
/** Two words of these: seconds. */
const CHANGED = 7;

/** Writes the fingerprint of what was last asked for its status to `words[at …]`. */
export function writeFingerprint(words: Uint32Array, at: number): void {
  for (let i = 0; i < FINGERPRINT_WORDS; i++) words[at + i] = fingerprintWord(i);
}

/** Whether what has the path, which ends in a NUL and is no link that is followed, has that fingerprint. */
export function hasFingerprint(path: Uint8Array, words: Uint32Array, at: number): boolean {
  if (libc().statx(HERE, path, AT_SYMLINK_NOFOLLOW, STATX_WANTED, status) !== 0) return false;
  for (let i = 0; i < FINGERPRINT_WORDS; i++) if (words[at + i] !== fingerprintWord(i)) return false;
  return true;
}

/** Of the mode, the upper half of its word is not the kernel's to fill. `!`: all are within a struct statx. */
function fingerprintWord(i: number): number {
  const word = status[FINGERPRINT[i]!]!;
  return FINGERPRINT[i] === 7 ? word & 0xffff : word;
}

/** When it was changed last, in seconds since 1970. */
export function changedAt(words: Uint32Array, at: number): number {
  return words[at + CHANGED]! + words[at + CHANGED + 1]! * 2 ** 32;
}

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
    if (length < buffer.length) return buffer.slice(0, length);
    const grown = new Uint8Array(buffer.length * 4);
    grown.set(buffer);
    buffer = grown;
  }
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
