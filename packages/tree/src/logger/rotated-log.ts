/**
 * A directory of rotated logs, in the layout of s6-log and multilog, so that their readers work on it:
 *
 *     current          lines are appended here
 *     @TAI64N.s        earlier ones; the time is that of their last line
 *     lock             locked by the logger that writes; holds its intent
 *
 * The intent says what is appended next, and which bytes of the logger's pipe that is. They are taken out of the pipe
 * afterwards; a logger that was killed in between would write them twice if the next one did not find the intent.
 *
 * Who else may write into the directory can put anything in these places: see own-files.ts.
 */
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  ftruncateSync,
  lstatSync,
  readSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { isAbsent } from '@muster/posix/absence';
import { RangeLocks, WHOLE_FILE } from '@muster/posix/lock';
import { archives, CURRENT } from '@muster/protocol/logs/log-directory';
import { fromTai64nDigits, tai64nDigits } from '@muster/protocol/s6/tai64n';
import { OwnFiles } from './own-files.ts';

const LOCK = 'lock';
const APPENDING = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT;
const NEWLINE = 10;

export interface Rotation {
  /** Bytes that `current` may have. */
  readonly size: number;
  /** Archived files that are kept. */
  readonly keep: number;
  /** Permission bits of the files. */
  readonly mode: number;
  /** Called before one of them is erased; it does not throw. */
  readonly erasing?: ((path: string) => void) | undefined;
}

/** The first bytes of a pipe. */
export interface PipeOrigin {
  readonly count: number;
  readonly digest: bigint;
}

/** The intent: u32 count, u32 length of what is appended, u64 digest, f64 inode and size of `current` before. */
const INTENT_SIZE = 32;
const NONE = Buffer.alloc(4);

/** Another logger writes into the directory. */
export class OtherLogger extends Error {
  readonly code = 'EBUSY';
}

class FullDisk extends Error {
  readonly code = 'ENOSPC';
}

/** The writing end. Every method throws what the file system says, and can be called again when that has passed. */
export class RotatedLog {
  readonly #path: string;
  readonly #rotation: Rotation;
  readonly #files: OwnFiles;
  /** Locked, and holds the intent: closing any descriptor of it would drop the lock. */
  readonly #lock: number;
  readonly #intentBytes = Buffer.alloc(INTENT_SIZE);
  /** What an earlier logger has appended, and may not have taken out of its pipe. */
  readonly inherited: PipeOrigin | null;
  #current: number;
  #inode: number;
  #device: number;
  #size: number;
  /** Of the last line, since a file is named after it. */
  #stamp: number;

  /** Makes the directory if it is missing, and goes on with the `current` that is there. Throws ErrnoException, too. */
  constructor(path: string, rotation: Rotation) {
    this.#path = path;
    this.#rotation = rotation;
    this.#files = new OwnFiles(path);
    try {
      this.#files.allow(rotation.mode);
      this.#lock = locked(this.#files);
    } catch (error) {
      this.#files.close();
      throw error;
    }
    try {
      this.#current = this.#files.open(CURRENT, APPENDING, rotation.mode);
    } catch (error) {
      closeSync(this.#lock);
      this.#files.close();
      throw error;
    }
    const { size, ino, dev, mtimeMs } = fstatSync(this.#current);
    this.#size = size;
    this.#stamp = mtimeMs;
    this.#inode = ino;
    this.#device = dev;
    this.inherited = this.#readIntent();
    // A logger that was killed may have left half a line.
    if (this.#size > 0 && lastByte(this.#current, this.#size) !== NEWLINE)
      this.append(Uint8Array.of(NEWLINE), Date.now());
  }

  /** Bytes until the next rotation. */
  get room(): number {
    return Math.max(0, this.#rotation.size - this.#size);
  }

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  /** False if somebody has moved or removed `current`, or the directory, and what is appended would be nowhere. */
  get isInPlace(): boolean {
    try {
      const { dev, ino } = lstatSync(join(this.#path, CURRENT));
      return ino === this.#inode && dev === this.#device;
    } catch (error) {
      // Whom somebody has locked out can still write what is open.
      return !isAbsent(error);
    }
  }

  /**
   * Appends whole lines, last of which was read at `stamp`. Answers how many bytes of them were written: fewer than
   * there are if the disk became full, but no half line.
   */
  append(bytes: Uint8Array, stamp: number): number {
    const written = writeSync(this.#current, bytes);
    const whole = written === bytes.length ? written : bytes.lastIndexOf(NEWLINE, written - 1) + 1;
    this.#size += whole;
    this.#stamp = stamp;
    if (whole === written) return whole;
    ftruncateSync(this.#current, this.#size);
    if (whole === 0) throw new FullDisk('no space left on device');
    return whole;
  }

  /** What is appended next, `length` bytes in one piece, is `origin`. */
  intend({ count, digest }: PipeOrigin, length: number): void {
    this.#intentBytes.writeUInt32LE(count, 0);
    this.#intentBytes.writeUInt32LE(length, 4);
    this.#intentBytes.writeBigUInt64LE(digest, 8);
    this.#intentBytes.writeDoubleLE(this.#inode, 16);
    this.#intentBytes.writeDoubleLE(this.#size, 24);
    writeSync(this.#lock, this.#intentBytes, 0, INTENT_SIZE, 0);
  }

  /** It is not in the pipe any more. */
  forgetIntent(): void {
    writeSync(this.#lock, NONE, 0, NONE.length, 0);
  }

  /** `current` becomes an archived file, and a new one begins. */
  rotate(): void {
    if (this.#rotation.keep === 0) unlinkSync(this.#files.path(CURRENT));
    else renameSync(this.#files.path(CURRENT), this.#files.path(this.#archiveName()));
    const next = this.#files.open(CURRENT, APPENDING, this.#rotation.mode);
    closeSync(this.#current);
    this.#current = next;
    this.#inode = fstatSync(next).ino;
    this.#size = 0;
    this.#prune();
  }

  close(): void {
    closeSync(this.#current);
    closeSync(this.#lock);
    this.#files.close();
  }

  /** What was appended of it only in part is cut off: it is in the pipe still. */
  #readIntent(): PipeOrigin | null {
    const bytes = this.#intentBytes;
    if (readSync(this.#lock, bytes, 0, INTENT_SIZE, 0) < INTENT_SIZE) return null;
    const origin = { count: bytes.readUInt32LE(0), digest: bytes.readBigUInt64LE(8) };
    if (origin.count === 0 || bytes.readDoubleLE(16) !== this.#inode) return null;
    const before = bytes.readDoubleLE(24);
    const after = before + bytes.readUInt32LE(4);
    if (this.#size === after) return origin;
    if (this.#size > before && this.#size < after) {
      ftruncateSync(this.#current, before);
      this.#size = before;
    }
    return null;
  }

  /** The clock may stand still or go back: a name is always greater than those that are there. */
  #archiveName(): string {
    const newest = archives(this.#files.path('.')).at(-1)?.slice(1, -2) ?? '';
    const digits = tai64nDigits(this.#stamp);
    return `@${digits > newest ? digits : tai64nDigits(fromTai64nDigits(newest) + 1)}.s`;
  }

  #prune(): void {
    const names = archives(this.#files.path('.'));
    for (const name of names.slice(0, Math.max(0, names.length - this.#rotation.keep))) {
      this.#rotation.erasing?.(this.#files.path(name));
      unlinkSync(this.#files.path(name));
    }
  }
}

/** A descriptor, whose lock goes with it. Nobody else may open the file: who has read it can lock it too. */
function locked(files: OwnFiles): number {
  const file = files.open(LOCK, constants.O_RDWR | constants.O_CREAT, 0o600);
  const lock = new RangeLocks(LOCK, file);
  if (!lock.tryExclusive(WHOLE_FILE)) {
    const holder = lock.holder(WHOLE_FILE);
    lock.close();
    throw new OtherLogger(`another logger writes there${holder === null ? '' : ` (pid ${holder})`}`);
  }
  const { uid, mode } = fstatSync(file);
  if (uid === process.geteuid!() && (mode & 0o077) !== 0) fchmodSync(file, 0o600);
  return file;
}

function lastByte(file: number, size: number): number {
  const byte = new Uint8Array(1);
  readSync(file, byte, 0, 1, size - 1);
  return byte[0]!;
}
