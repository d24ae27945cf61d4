/** Looking at what is in a pipe and leaving it there: tee(2) into a pipe of our own, which is read instead. */
import { readSync } from 'node:fs';
import { constants as os } from 'node:os';
import { errno, libc, SystemError } from './libc.ts';
import { makePipe } from './pipe.ts';

const NONBLOCK = 2;

export class Peek {
  readonly #read: number;
  readonly #write: number;

  /** Throws SystemError. */
  constructor(readonly pipe: number) {
    const { reading, writing } = makePipe();
    this.#read = reading;
    this.#write = writing;
  }

  /** How many of its first bytes are in `buffer` now: 0 at the end of the pipe, null if there is nothing. Throws SystemError. */
  look(buffer: Uint8Array): number | null {
    const length = libc().tee(this.pipe, this.#write, buffer.length, NONBLOCK);
    if (length === -1) {
      const cause = errno();
      if (cause === os.errno.EAGAIN || cause === os.errno.EINTR) return null;
      throw new SystemError('tee', cause);
    }
    for (let at = 0; at < length; ) at += readSync(this.#read, buffer, at, length - at, null);
    return length;
  }
}
