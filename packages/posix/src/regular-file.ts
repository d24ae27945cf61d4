/**
 * Regular files, opened so that whatever somebody has put in their place makes nobody wait: a FIFO that nobody writes, a
 * socket, a device and a directory are told by their names, at once. What is judged is what was opened, never a path that
 * could be another file a moment later.
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, rmSync, type Stats, statSync } from 'node:fs';
import { constants as os } from 'node:os';
import { isAbsent } from './absence.ts';
import { O_CLOEXEC, SystemError } from './libc.ts';

const { O_CREAT, O_RDONLY, O_NONBLOCK, O_NOCTTY, O_NOFOLLOW } = constants;

/** In bytes, for files of which nobody knows better: none of them has a hundredth of it. */
const LARGEST = 64 * 1024 * 1024;

/** Something is there, and it is no regular file. */
export class NotAFile extends Error {
  override readonly name = 'NotAFile';
  readonly code: 'EISDIR' | 'ELOOP' | 'EFTYPE';

  constructor(
    readonly path: string,
    /** `a FIFO`, `a directory` */
    readonly what: string,
  ) {
    super(`${path} is ${what}, and no file`);
    this.code = what === DIRECTORY ? 'EISDIR' : what === LINK ? 'ELOOP' : 'EFTYPE';
  }
}

export interface OpenedFile {
  readonly descriptor: number;
  /** Of what is open. */
  readonly stats: Stats;
}

export interface OpenOptions {
  /** More flags of open(2) than those that keep it from waiting. Default: O_RDONLY. */
  readonly flags?: number;
  /** Of what O_CREAT makes, less the umask. Default: 0600. */
  readonly mode?: number;
  /** To what a symbolic link leads is opened: for paths that a user names. Otherwise a link is no file. */
  readonly follow?: boolean;
}

export interface ReadOptions {
  /** In bytes. */
  readonly limit?: number;
  readonly follow?: boolean;
}

/** Opens the regular file at `path`. Throws NotAFile or ErrnoException. */
export function openRegular(path: string, options: OpenOptions = {}): OpenedFile {
  const { flags = O_RDONLY, mode = 0o600, follow = false } = options;
  const descriptor = open(path, follow ? flags : flags | O_NOFOLLOW, mode);
  const stats = fstatSync(descriptor);
  if (stats.isFile()) return { descriptor, stats };
  closeSync(descriptor);
  throw new NotAFile(path, kindOf(stats));
}

/**
 * The bytes that the regular file at `path` has when it is opened. Throws NotAFile, ErrnoException, or SystemError: EFBIG
 * beyond `limit` bytes.
 */
export function readRegular(path: string, options: ReadOptions = {}): Buffer {
  const file = openRegular(path, options);
  try {
    return readOpened(file, path, options);
  } finally {
    closeSync(file.descriptor);
  }
}

/** The same of a file that is open. Throws likewise. */
export function readOpened(
  { descriptor, stats }: OpenedFile,
  path: string,
  { limit = LARGEST }: ReadOptions = {},
): Buffer {
  if (stats.size > limit) throw new SystemError('read', os.errno.EFBIG, path);
  const bytes = Buffer.allocUnsafeSlow(stats.size);
  let length = 0;
  for (let count = -1; count !== 0 && length < bytes.length; length += count)
    count = readSync(descriptor, bytes, length, bytes.length - length, length);
  return length === bytes.length ? bytes : bytes.subarray(0, length);
}

/**
 * Opens a file of which this program is the only writer, and makes it if it is missing; what is there and is no file is
 * removed first. Throws ErrnoException.
 */
export function openOwn(path: string, options: Omit<OpenOptions, 'follow'> = {}): OpenedFile {
  const flags = (options.flags ?? O_RDONLY) | O_CREAT;
  try {
    return openRegular(path, { ...options, flags });
  } catch (error) {
    if (!(error instanceof NotAFile)) throw error;
    rmSync(path, { recursive: true, force: true });
    return openRegular(path, { ...options, flags });
  }
}

/** The same as text. */
export function readRegularText(path: string, options: ReadOptions = {}): string {
  return readRegular(path, options).toString('utf8');
}

/** The text of a file that may be missing: null. Throws as the others do. */
export function readTextIfThere(path: string): string | null {
  try {
    return readRegularText(path);
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}

/** `a FIFO`: for messages. */
export function kindOf(stats: Stats): string {
  if (stats.isFile()) return 'a file';
  if (stats.isDirectory()) return DIRECTORY;
  if (stats.isSymbolicLink()) return LINK;
  if (stats.isFIFO()) return 'a FIFO';
  return stats.isSocket() ? 'a socket' : 'a device';
}

const DIRECTORY = 'a directory';
const LINK = 'a symbolic link';

/** What open(2) answers where it is not a regular file that is opened: a socket, a FIFO to write, a directory, a link. */
const ODD: ReadonlySet<string | undefined> = new Set(['ENXIO', 'EISDIR', 'ELOOP', 'ENODEV', 'EOPNOTSUPP']);

function open(path: string, flags: number, mode: number): number {
  try {
    return openSync(path, flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, mode);
  } catch (error) {
    if (!ODD.has((error as NodeJS.ErrnoException).code)) throw error;
    const look = (flags & O_NOFOLLOW) === 0 ? statSync : lstatSync;
    const stats = look(path, { throwIfNoEntry: false });
    throw stats === undefined || stats.isFile() ? error : new NotAFile(path, kindOf(stats));
  }
}
