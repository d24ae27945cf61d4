/**
 * The aggregated channel, `.rc-svscan/` in the scandir: the same words as each service's own files, for all of them.
 *
 * `control` takes lines `LETTERS NAME`. In `event/`, a subscriber makes a FIFO (of any name), opens it for reading, and
 * renames or opens it there; the tree then opens it for writing, greets with the line `s .`, and writes a line
 * `LETTER NAME` for each event until the reader closes it. What changes after the greeting is told; what was before is
 * in each `supervise/status`. If a reader is too slow, its FIFO is unlinked and closed: it sees the end of the file, and
 * has to look at everything again.
 */
import { closeSync, constants, mkdirSync, openSync, readSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { namesIn } from '@muster/posix/absence';
import { ensureFifo, openFifoForWriting, writeToFifo } from '@muster/posix/fifo';
import { hasOpenings, watchOpenings } from '@muster/posix/inotify';
import type { Reactor } from '@muster/posix/reactor';

/** `.` is no service: scandir entries that begin with a dot are not looked at. */
const GREETING = Buffer.from('s .\n');
/** PIPE_BUF: longer lines would not arrive in one piece. */
const LONGEST_LINE = 4096;
const chunk = Buffer.alloc(65_536);

export class Channel {
  readonly #control: number;
  readonly #changes: number;
  readonly #subscribers = new Map<string, number>();
  readonly #events: string;
  /** A read may end in the middle of a character. */
  readonly #decoder = new StringDecoder('utf8');
  #unfinished = '';

  constructor(
    readonly directory: string,
    readonly reactor: Reactor,
    readonly command: (letters: string, name: string) => void,
  ) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    this.#events = join(directory, 'event');
    mkdirSync(this.#events, { recursive: true, mode: 0o700 });
    ensureFifo(join(directory, 'control'), 0o600);
    this.#control = openSync(join(directory, 'control'), constants.O_RDWR | constants.O_NONBLOCK);
    reactor.watch(this.#control, () => this.#read());
    this.#changes = watchOpenings(this.#events);
    reactor.watch(this.#changes, () => {
      if (hasOpenings(this.#changes)) this.#admit();
    });
    this.#admit();
  }

  /** One event of one service. */
  emit(letter: string, name: string): void {
    if (this.#subscribers.size === 0) return;
    const line = Buffer.from(`${letter} ${name}\n`);
    for (const [fifo, descriptor] of this.#subscribers) this.#write(fifo, descriptor, line);
  }

  close(): void {
    for (const fifo of [...this.#subscribers.keys()]) this.#unsubscribe(fifo);
    for (const descriptor of [this.#control, this.#changes]) {
      this.reactor.unwatch(descriptor);
      closeSync(descriptor);
    }
  }

  #read(): void {
    const text = this.#unfinished + this.#decoder.write(readSome(this.#control));
    const lines = text.split('\n');
    // Nothing that is longer than a line can be is kept.
    this.#unfinished = lines.pop()!.slice(0, LONGEST_LINE);
    for (const line of lines) {
      const blank = line.indexOf(' ');
      if (blank > 0) this.command(line.slice(0, blank), line.slice(blank + 1));
    }
  }

  /** Somebody may have removed the directory: who wants to subscribe then cannot, and finds the tree otherwise. */
  #admit(): void {
    for (const name of namesIn(this.#events)) {
      if (this.#subscribers.has(name)) continue;
      const descriptor = openQuietly(join(this.#events, name));
      if (descriptor === null) continue;
      this.#subscribers.set(name, descriptor);
      this.#write(name, descriptor, GREETING);
    }
  }

  #write(fifo: string, descriptor: number, line: Buffer): void {
    if (writeToFifo(descriptor, line) !== 'written') this.#unsubscribe(fifo);
  }

  #unsubscribe(fifo: string): void {
    const descriptor = this.#subscribers.get(fifo);
    if (descriptor === undefined) return;
    this.#subscribers.delete(fifo);
    try {
      unlinkSync(join(this.#events, fifo));
    } catch {
      // The subscriber has tidied up itself.
    }
    closeSync(descriptor);
  }
}

/** Null also for what is no FIFO. */
function openQuietly(path: string): number | null {
  try {
    return openFifoForWriting(path);
  } catch {
    return null;
  }
}

/** As much as a pipe holds, and what is left in the next turn: who never stops writing takes no more than its share. */
function readSome(descriptor: number): Buffer {
  try {
    return chunk.subarray(0, readSync(descriptor, chunk, 0, chunk.length, null));
  } catch {
    return chunk.subarray(0, 0);
  }
}
