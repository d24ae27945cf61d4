/**
 * A directory of rotated logs, in the layout of s6-log and multilog, so that their readers work on it:
 *
 *     current          lines are appended here
 *     @TAI64N.s        earlier ones; the time is that of their last line
 *     lock             locked by the logger that writes
 */
import {
  closeSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { RangeLocks } from '@muster/posix/lock';
import { tai64nDigits } from '../s6/tai64n.ts';

export const CURRENT = 'current';
const ARCHIVE = /^@[0-9a-f]{24}\.[su]$/;
const WHOLE_FILE = { start: 0, length: 0 };
const NEWLINE = 10;

export interface Rotation {
  /** Bytes that `current` may have. */
  readonly size: number;
  /** Archived files that are kept. */
  readonly keep: number;
}

/** Names of the archived files of a log directory, oldest first. */
export function archives(directory: string): string[] {
  return readdirSync(directory)
    .filter((name) => ARCHIVE.test(name))
    .sort();
}

/** Another logger writes into the directory. */
export class Occupied extends Error {
  readonly code = 'EBUSY';
}

class FullDisk extends Error {
  readonly code = 'ENOSPC';
}

/** The writing end. Every method throws what the file system says, and can be called again when that has passed. */
export class LogDirectory {
  readonly #path: string;
  readonly #rotation: Rotation;
  readonly #lock: RangeLocks;
  #current: number;
  #size: number;
  /** Of the last line, since a file is named after it. */
  #stamp = 0;

  /** Makes the directory if it is missing, and goes on with the `current` that is there. */
  constructor(path: string, rotation: Rotation) {
    this.#path = path;
    this.#rotation = rotation;
    mkdirSync(path, { recursive: true });
    this.#lock = locked(join(path, 'lock'));
    try {
      this.#current = openSync(join(path, CURRENT), 'a+', 0o644);
    } catch (error) {
      this.#lock.close();
      throw error;
    }
    this.#size = fstatSync(this.#current).size;
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

  /** `current` becomes an archived file, and a new one begins. */
  rotate(): void {
    const current = join(this.#path, CURRENT);
    if (this.#rotation.keep === 0) unlinkSync(current);
    else renameSync(current, this.#archiveName());
    const next = openSync(current, 'a+', 0o644);
    closeSync(this.#current);
    this.#current = next;
    this.#size = 0;
    this.#prune();
  }

  close(): void {
    closeSync(this.#current);
    this.#lock.close();
  }

  /** The clock may stand still or go back: a name that is there is never taken again. */
  #archiveName(): string {
    const taken = new Set(archives(this.#path));
    for (let time = this.#stamp; ; time++) {
      const name = `@${tai64nDigits(time)}.s`;
      if (!taken.has(name)) return join(this.#path, name);
    }
  }

  #prune(): void {
    const names = archives(this.#path);
    for (const name of names.slice(0, Math.max(0, names.length - this.#rotation.keep)))
      unlinkSync(join(this.#path, name));
  }
}

function locked(path: string): RangeLocks {
  closeSync(openSync(path, 'a', 0o644));
  const lock = new RangeLocks(path);
  if (lock.tryExclusive(WHOLE_FILE)) return lock;
  const holder = lock.holder(WHOLE_FILE);
  lock.close();
  throw new Occupied(`another logger writes there${holder === null ? '' : ` (pid ${holder})`}`);
}

function lastByte(file: number, size: number): number {
  const byte = new Uint8Array(1);
  readSync(file, byte, 0, 1, size - 1);
  return byte[0]!;
}
