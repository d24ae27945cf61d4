/** The runner's end of `oneshots/control`: bytes to requests. */
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import type { Reactor } from '@muster/posix/reactor';
import { decodeRequest, type Request } from '@muster/protocol/oneshots/protocol';

/** Bytes that are read at once: as many as a pipe holds. */
const CHUNK = 65_536;
/** PIPE_BUF, in characters: what is longer does not arrive in one piece, and is no request. */
const LONGEST_LINE = 4096;

export class RequestPipe {
  readonly #reactor: Pick<Reactor, 'unwatch' | 'watch'>;
  readonly #descriptor: number;
  readonly #buffer = new Uint8Array(CHUNK);
  /** A read may end in the middle of a character. */
  readonly #decoder = new StringDecoder('utf8');
  #unfinished = '';

  /** Throws if there is no FIFO at `path`. From now on requests are kept for who listens. */
  constructor(path: string, reactor: Pick<Reactor, 'unwatch' | 'watch'>) {
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
    const lines = (this.#unfinished + this.#decoder.write(this.#buffer.subarray(0, length))).split('\n');
    // Nothing is kept beyond what tells that the line is too long.
    this.#unfinished = lines.pop()!.slice(0, LONGEST_LINE + 1);
    return lines.filter((line) => line.length <= LONGEST_LINE);
  }
}
