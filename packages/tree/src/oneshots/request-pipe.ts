/** The runner's end of `oneshots/control`: bytes to requests. */
import { closeSync, constants, openSync, readSync } from 'node:fs';
import type { Reactor } from '@muster/posix/reactor';
import { decodeRequest, type Request } from '@muster/protocol/oneshots/protocol';

/** Bytes that are read at once: as many as a pipe holds. */
const CHUNK = 65_536;

export class RequestPipe {
  readonly #reactor: Reactor;
  readonly #descriptor: number;
  readonly #buffer = new Uint8Array(CHUNK);
  #unfinished = '';

  /** Throws if there is no FIFO at `path`. From now on requests are kept for who listens. */
  constructor(path: string, reactor: Reactor) {
    this.#reactor = reactor;
    // For writing too: so it never ends, however many writers come and go.
    this.#descriptor = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  }

  /** Calls `obey` for each request, in their order. */
  listen(obey: (request: Request) => void): void {
    this.#reactor.watch(this.#descriptor, () => {
      for (const line of this.#read()) {
        const request = decodeRequest(line);
        if (request !== null) obey(request);
      }
    });
  }

  close(): void {
    this.#reactor.unwatch(this.#descriptor);
    closeSync(this.#descriptor);
  }

  /** The lines that have come. */
  #read(): string[] {
    let length: number;
    try {
      length = readSync(this.#descriptor, this.#buffer, 0, CHUNK, null);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return [];
      throw error;
    }
    const lines = (this.#unfinished + Buffer.from(this.#buffer.subarray(0, length)).toString()).split('\n');
    this.#unfinished = lines.pop()!;
    return lines;
  }
}
