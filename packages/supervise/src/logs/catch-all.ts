/**
 * What nobody else logs: the standard output and error that services without a logger, and oneshots, have from the
 * embedded tree. It is a FIFO, read by the tree itself and written into a small log in the live directory.
 *
 * The FIFO is made large, since nobody reads it between the death of a tree and its next life.
 */
import { closeSync, constants, mkdirSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { enlargePipe, ensureFifo } from '@muster/posix/fifo';
import type { Reactor } from '@muster/posix/reactor';
import { LogWriter } from '../logger/log-writer.ts';
import type { Companion } from '../tree/tree.ts';
import { catchAllOf } from './sources.ts';

const PIPE = 'pipe';
/** Bytes: at most four such files. */
const SIZE = 256 * 1024;
const KEEP = 3;
const PIPE_SIZE = 1024 * 1024;

/** A descriptor to write to. It is open for reading too, so that no writer is killed when no tree runs. */
export function openCatchAll(live: string): number {
  mkdirSync(catchAllOf(live), { recursive: true, mode: 0o755 });
  const path = join(catchAllOf(live), PIPE);
  ensureFifo(path, 0o600);
  const pipe = openSync(path, constants.O_RDWR);
  enlargePipe(pipe, PIPE_SIZE);
  return pipe;
}

/** The reading end, in the tree. */
export class CatchAll implements Companion {
  readonly #live: string;
  readonly #log: LogWriter;
  readonly #chunk = Buffer.alloc(65_536);
  #reactor: Reactor | null = null;
  #pipe = -1;

  constructor(live: string) {
    this.#live = live;
    this.#log = new LogWriter(
      { directory: catchAllOf(live), size: SIZE, keep: KEEP, timestamp: 'iso', prefix: '', select: [] },
      // There is nobody to tell: whoever reads the log is told by the log.
      { now: Date.now, tell: () => {} },
    );
  }

  begin({ reactor }: { readonly reactor: Reactor }): void {
    this.#reactor = reactor;
    closeSync(openCatchAll(this.#live));
    this.#pipe = openSync(join(catchAllOf(this.#live), PIPE), constants.O_RDWR | constants.O_NONBLOCK);
    reactor.watch(this.#pipe, () => this.#readOnce());
  }

  /** What the tree itself has to say, past the pipe: it must not wait for its own reading. */
  say(message: string): void {
    this.#log.write(Buffer.from(`${message}\n`));
  }

  /** Services may write to the last: reading goes on until `close`. */
  end(done: () => void): void {
    done();
  }

  /** When all others are gone. */
  close(): void {
    if (this.#reactor === null) return;
    this.#reactor.unwatch(this.#pipe);
    this.#reactor = null;
    while (this.#readOnce());
    closeSync(this.#pipe);
    this.#log.close();
  }

  /** False if there was nothing. */
  #readOnce(): boolean {
    try {
      const length = readSync(this.#pipe, this.#chunk, 0, this.#chunk.length, null);
      this.#log.write(this.#chunk.subarray(0, length));
      return length > 0;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return false;
      throw error;
    }
  }
}
