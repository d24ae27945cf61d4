/** Looking at what is in a pipe and leaving it there: tee(2) into a pipe of our own, which is read instead. */
import { ptr } from 'bun:ffi';
import { readSync } from 'node:fs';
import { constants as os } from 'node:os';
import { errno, libc, SystemError } from './libc.ts';

const NONBLOCK = 2;
const CLOEXEC = 0o2000000;

export class Peek {
  readonly #read: number;
  readonly #write: number;

  /** Throws SystemError. */
  constructor(readonly pipe: number) {
    const ends = new Int32Array(2);
    if (libc().pipe2(ptr(ends), CLOEXEC) === -1) throw new SystemError('pipe2', errno());
    [this.#read, this.#write] = ends as unknown as [number, number];
  }

  /** How many of its first bytes are in `buffer` now: 0 at the end of the pipe, null if there is nothing. Throws SystemError. */
  look(buffer: Uint8Array): number | null {
    const length = Number(libc().tee(this.pipe, this.#write, buffer.length, NONBLOCK));
    if (length === -1) {
      const cause = errno();
      if (cause === os.errno.EAGAIN || cause === os.errno.EINTR) return null;
      throw new SystemError('tee', cause);
    }
    for (let at = 0; at < length; ) at += readSync(this.#read, buffer, at, length - at, null);
    return length;
  }
}
