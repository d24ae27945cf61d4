/**
 * What services without a logger write: drained from a FIFO for each of them into one bounded file.
 *
 *     DIRECTORY/pipes/NAME   the FIFO that is the service's standard output and error. The service has it open for
 *                            reading too: while no tree lives, what it writes waits there, and nobody gets SIGPIPE
 *     DIRECTORY/current      lines `@TAI64N NAME: text`. In NAME every byte that is a blank, a colon, a per cent sign or
 *                            a control character is written as %XX
 *     DIRECTORY/@TAI64N.s    what `current` was before it became too large; one is kept (logger/log-directory.ts)
 *
 * A line that is longer than 4 KiB is cut into several. The tree's own messages are lines of `rc-svscan`.
 */
import { closeSync, constants, mkdirSync, openSync, readSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { ensureFifo } from '@muster/posix/fifo';
import type { Reactor } from '@muster/posix/reactor';
import { LogDirectory } from '../logger/log-directory.ts';
import { tai64nDigits } from '../s6/tai64n.ts';

/** A chunk that is larger than the rest of `current` goes into the next one whole. */
const ROTATION = { size: 1 << 20, keep: 1 };
const LONGEST_LINE = 4096;
/** Bytes that one service gets at a time, so that it cannot keep the others waiting. */
const PORTION = 65_536;
const NEWLINE = 10;

interface Source {
  readonly label: string;
  readonly path: string;
  readonly fifo: number;
  unfinished: Buffer;
}

export class CatchAll {
  readonly #sources = new Map<string, Source>();
  readonly #portion = Buffer.alloc(PORTION);
  #log: LogDirectory | undefined;
  #failing = false;

  constructor(
    readonly directory: string,
    readonly reactor: Reactor,
    /** Told once for each time that writing begins to fail. */
    readonly warn: (message: string) => void,
  ) {
    mkdirSync(join(directory, 'pipes'), { recursive: true, mode: 0o700 });
  }

  /** A descriptor for the standard output and error of `name`, to be closed once the child has it. */
  open(name: string): number {
    return openSync(this.#source(name).path, constants.O_RDWR);
  }

  /** Takes what an earlier life's process of `name` writes. */
  resume(name: string): void {
    this.#drain(this.#source(name));
  }

  /** The process of `name` has ended: its last line is complete, newline or not. */
  finish(name: string): void {
    const source = this.#sources.get(name);
    if (source === undefined) return;
    this.#drain(source);
    this.#flush(source);
  }

  forget(name: string): void {
    const source = this.#sources.get(name);
    if (source === undefined) return;
    this.finish(name);
    this.#sources.delete(name);
    this.reactor.unwatch(source.fifo);
    closeSync(source.fifo);
    try {
      unlinkSync(source.path);
    } catch {
      // Somebody has removed it.
    }
  }

  /** One message of the tree itself. */
  say(text: string): void {
    this.#write(Buffer.from(`@${tai64nDigits(Date.now())} rc-svscan: ${text}\n`));
  }

  /** Leaves the FIFOs to the services that still have them. */
  close(): void {
    for (const source of this.#sources.values()) {
      this.#drain(source);
      this.#flush(source);
      this.reactor.unwatch(source.fifo);
      closeSync(source.fifo);
    }
    this.#sources.clear();
    this.#log?.close();
    this.#log = undefined;
  }

  #source(name: string): Source {
    const known = this.#sources.get(name);
    if (known !== undefined) return known;
    const path = join(this.directory, 'pipes', encodeURIComponent(name).replaceAll('.', '%2E'));
    ensureFifo(path, 0o600);
    const fifo = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    const source: Source = { label: labelOf(name), path, fifo, unfinished: Buffer.alloc(0) };
    this.#sources.set(name, source);
    this.reactor.watch(fifo, () => this.#drain(source));
    return source;
  }

  #drain(source: Source): void {
    let length: number;
    try {
      length = readSync(source.fifo, this.#portion, 0, PORTION, null);
    } catch {
      return;
    }
    if (length === 0) return;
    const bytes = this.#portion.subarray(0, length);
    const head = `@${tai64nDigits(Date.now())} ${source.label}: `;
    const out: Uint8Array[] = [];
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
      pushLine(out, head, source.unfinished, bytes.subarray(start, end));
      source.unfinished = Buffer.alloc(0);
      start = end + 1;
    }
    source.unfinished = Buffer.concat([source.unfinished, bytes.subarray(start)]);
    while (source.unfinished.length > LONGEST_LINE) {
      pushLine(out, head, source.unfinished.subarray(0, LONGEST_LINE), Buffer.alloc(0));
      source.unfinished = Buffer.from(source.unfinished.subarray(LONGEST_LINE));
    }
    this.#write(Buffer.concat(out));
  }

  #flush(source: Source): void {
    if (source.unfinished.length === 0) return;
    const out: Uint8Array[] = [];
    pushLine(out, `@${tai64nDigits(Date.now())} ${source.label}: `, source.unfinished, Buffer.alloc(0));
    source.unfinished = Buffer.alloc(0);
    this.#write(Buffer.concat(out));
  }

  #write(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    try {
      this.#log ??= new LogDirectory(this.directory, ROTATION);
      if (bytes.length > this.#log.room && !this.#log.isEmpty) this.#log.rotate();
      this.#log.append(bytes, Date.now());
      this.#failing = false;
    } catch (error) {
      // Whoever writes must not wait for the disk to have room: what cannot be kept is dropped.
      if (!this.#failing) this.warn(`unable to write to ${this.directory}: ${error}`);
      this.#failing = true;
    }
  }
}

function pushLine(out: Uint8Array[], head: string, first: Uint8Array, rest: Uint8Array): void {
  out.push(Buffer.from(head), first, rest, Buffer.from('\n'));
}

function labelOf(name: string): string {
  return name.replace(/[\s:%\p{Cc}]/gu, (character) =>
    [...Buffer.from(character)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  );
}
