/**
 * Standard input of a logger, unless it is a pipe that nobody else reads (pipe-input.ts): a file, a terminal, a socket. It is
 * read with read(2) when there is something to read, so that at no moment anything is between it and the log.
 */
import { readSync } from 'node:fs';
import { waitingBytes } from '@muster/posix/poll';
import type { Reactor } from '@muster/posix/reactor';

const CHUNK = 64 * 1024;
const NEWLINE = 10;
/** Milliseconds that the rest of a half-written line has to arrive, once the logger was told to end. */
export const REST_OF_LINE = 1000;

export class Input {
  readonly #descriptor: number;
  readonly #reactor: Reactor;
  readonly #take: (chunk: Uint8Array) => void;
  readonly #buffer = new Uint8Array(CHUNK);
  #hasHalfLine = false;
  #isEnding = false;

  /** `take` gets every chunk, which is overwritten by the next. */
  constructor(descriptor: number, reactor: Reactor, take: (chunk: Uint8Array) => void) {
    this.#descriptor = descriptor;
    this.#reactor = reactor;
    this.#take = take;
  }

  /** Reads until the end of the input, or until `endSoon`. Throws what node:fs throws. */
  async read(): Promise<void> {
    if (this.begin()) await this.#reactor.run();
    else while (this.#readSome(CHUNK));
  }

  /** Reads whenever there is something. False for a file, which can always be read. */
  begin(): boolean {
    try {
      this.#reactor.watch(this.#descriptor, () => this.#ready());
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EPERM') return false;
      throw error;
    }
  }

  /** What is in the pipe by now is still read, and then the rest of a line that somebody is writing. */
  endSoon(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    if (!this.#drain() || !this.#hasHalfLine) this.#reactor.stop();
    else this.#reactor.after(REST_OF_LINE, () => this.#reactor.stop());
  }

  /** Reads as much as is there now, and no more, however fast it is written. False at the end of the input. */
  #drain(): boolean {
    for (let left = waitingBytes(this.#descriptor); left > 0; left -= CHUNK)
      if (!this.#readSome(Math.min(left, CHUNK))) return false;
    return true;
  }

  #ready(): void {
    // Byte by byte when told to end: what comes behind the line belongs to the next logger.
    const goesOn = this.#readSome(this.#isEnding ? 1 : CHUNK);
    if (!goesOn || (this.#isEnding && !this.#hasHalfLine)) this.#reactor.stop();
  }

  /** False at the end of the input. */
  #readSome(most: number): boolean {
    let length: number;
    try {
      length = readSync(this.#descriptor, this.#buffer, 0, most, null);
    } catch (error) {
      // Somebody shares the pipe, or made it non-blocking.
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return true;
      throw error;
    }
    if (length === 0) return false;
    this.#hasHalfLine = this.#buffer[length - 1] !== NEWLINE;
    this.#take(this.#buffer.subarray(0, length));
    return true;
  }
}
