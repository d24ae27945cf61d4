/**
 * Locks on byte ranges of one file (fcntl), released by the kernel when their holder dies.
 *
 * The classic kind, owned by the process: for them the kernel tells which process holds a range, so that whoever waits
 * can say for whom. Two rules follow, and both are kept by `RangeLocks` being the only thing that opens such a file: a
 * process opens it once (closing any descriptor of it drops every lock), and counts its own holders itself (to the
 * kernel, two of them are one).
 *
 * Whoever can open such a file for reading can share its lock, and so keep its owner from ever having it: the files are
 * their owner's alone, and those that an earlier version made for everybody are narrowed.
 */
import { closeSync, constants, fchmodSync, fstatSync, type Stats, statSync } from 'node:fs';
import { constants as os } from 'node:os';
import { errno, libcWithPointers, SystemError } from './libc.ts';
import { openRegular } from './regular-file.ts';

const { O_CREAT, O_RDWR } = constants;

const F_GETLK = 5;
const F_SETLK = 6;
const F_RDLCK = 0;
const F_WRLCK = 1;
const F_UNLCK = 2;
const WORD = 2 ** 32;

/** In bytes. Length 0 means: to the end of any file. */
export interface Range {
  readonly start: number;
  readonly length: number;
}

/** However long the file is. */
export const WHOLE_FILE: Range = { start: 0, length: 0 };

/** The lock is another process's. */
export class Held {
  /** `holder` is its pid, 0 if it is in another pid namespace, or null if it has just let go. */
  constructor(readonly holder: number | null) {}
}

/** Locks a whole file until that is closed; makes it if it is missing. Throws NotAFile, ErrnoException or SystemError. */
export function lockWholeFile(path: string): RangeLocks | Held {
  const lock = new RangeLocks(path, openLockFile(path, O_RDWR | O_CREAT));
  if (lock.tryExclusive(WHOLE_FILE)) return lock;
  const holder = lock.holder(WHOLE_FILE);
  lock.close();
  return new Held(holder);
}

export class RangeLocks {
  readonly #descriptor: number;
  readonly #path: string;
  /** Which file it is, once somebody has asked for it: what is open stays the same. */
  #opened: Stats | undefined;
  /** struct flock of 64-bit Linux: i16 type, i16 whence, i64 start (at 8), i64 length (at 16), i32 pid (at 24). */
  readonly #words = new Uint32Array(8);

  /** Throws NotAFile or ErrnoException. A reader that may not write the file can take shared locks only. */
  constructor(path: string, descriptor = openForLocking(path)) {
    this.#path = path;
    this.#descriptor = descriptor;
  }

  /** Only to ask for the `holder`: also on a file system that is read-only. Throws NotAFile or ErrnoException. */
  static toAsk(path: string): RangeLocks {
    return new RangeLocks(path, openRegular(path).descriptor);
  }

  /** At once. False if another process holds any of it exclusively. Throws SystemError. */
  tryShared(range: Range): boolean {
    return this.#trySet(F_RDLCK, range);
  }

  /** At once. False if another process holds any of it. Throws SystemError. */
  tryExclusive(range: Range): boolean {
    return this.#trySet(F_WRLCK, range);
  }

  /** Throws SystemError. */
  unlock(range: Range): void {
    this.#fill(F_UNLCK, range);
    if (libcWithPointers().fcntl(this.#descriptor, F_SETLK, this.#words) === -1) throw this.#error();
  }

  /** The process that keeps this one from locking `range` exclusively, or null; 0 stands for one in another pid namespace. Throws SystemError. */
  holder(range: Range): number | null {
    this.#fill(F_WRLCK, range);
    if (libcWithPointers().fcntl(this.#descriptor, F_GETLK, this.#words) === -1) throw this.#error();
    return (this.#words[0]! & 0xffff) === F_UNLCK ? null : this.#words[6]!;
  }

  /** Whether its path still leads to the file that was opened: otherwise locks of it keep nobody out. */
  isInPlace(): boolean {
    const now = statSync(this.#path, { throwIfNoEntry: false });
    this.#opened ??= fstatSync(this.#descriptor);
    const then = this.#opened;
    return now !== undefined && now.ino === then.ino && now.dev === then.dev;
  }

  /** Drops every lock. */
  close(): void {
    closeSync(this.#descriptor);
  }

  #trySet(type: number, range: Range): boolean {
    this.#fill(type, range);
    if (libcWithPointers().fcntl(this.#descriptor, F_SETLK, this.#words) === 0) return true;
    const cause = errno();
    if (cause === os.errno.EAGAIN || cause === os.errno.EACCES) return false;
    throw new SystemError('fcntl', cause, this.#path);
  }

  #fill(type: number, range: Range): void {
    const words = this.#words;
    words[0] = type;
    words[2] = range.start;
    words[3] = range.start / WORD;
    words[4] = range.length;
    words[5] = range.length / WORD;
    words[6] = 0;
  }

  #error(): SystemError {
    return new SystemError('fcntl', errno(), this.#path);
  }
}

function openForLocking(path: string): number {
  try {
    return openLockFile(path, O_RDWR);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EACCES') throw error;
    return openRegular(path).descriptor;
  }
}

const OTHERS = 0o077;

/** For its owner alone from now on, whoever could open it before. Throws NotAFile or ErrnoException. */
export function openLockFile(path: string, flags: number): number {
  const { descriptor, stats } = openRegular(path, { flags, mode: 0o600 });
  const mayNarrow = process.geteuid!() === 0 || stats.uid === process.geteuid!();
  if ((stats.mode & OTHERS) !== 0 && mayNarrow) fchmodSync(descriptor, 0o600);
  return descriptor;
}
