/**
 * Standard input of a logger that is a pipe. Lines are looked at, written, and only then taken out of it, so that those
 * which a logger had in hand when it was killed are still there for the next one.
 */
import { fstatSync, readSync } from 'node:fs';
import { EPOLL } from '@muster/posix/epoll';
import { Peek } from '@muster/posix/peek';
import { waitingBytes } from '@muster/posix/poll';
import type { Reactor, Timer } from '@muster/posix/reactor';
import { runtime } from '@muster/posix/runtime/runtime';
import { Input, REST_OF_LINE } from './input.ts';
import type { LogWriter, SafePipe } from './log-writer.ts';

const CHUNK = 64 * 1024;
const NEWLINE = 10;
/**
 * Milliseconds that a half-written line stays in the pipe; then it is kept in memory. It is looked at more and more seldom,
 * at first all the time: a writer that has filled the pipe up behind it waits for room and wakes nobody.
 */
const PATIENCE = 200;
const ALL_THE_TIME = 0.3;
/** Bytes without a newline that may be all that the pipe has room for: the rest comes when they are gone. */
const FULL = CHUNK / 2;

export class PipeInput implements SafePipe {
  readonly #pipe: number;
  readonly #peek: Peek;
  readonly #reactor: Reactor;
  readonly #writer: LogWriter;
  readonly #seed: bigint;
  /** What is in the pipe. */
  readonly #buffer = new Uint8Array(CHUNK);
  #length = 0;
  readonly #taken = new Uint8Array(CHUNK);
  #nextLook: Timer | undefined;
  /** When half a line was found in it. `performance.now()`. */
  #halfSince: number | null = null;
  /** Nobody writes any more. */
  #isLast = false;
  /** Of the line that comes next the beginning is in memory. */
  #isInLine = false;
  #isEnding = false;
  /** Reads in our place once somebody else has been found to read the pipe too: then nothing may be left in it. */
  #plain: Input | null = null;

  /** Throws SystemError if it is no pipe. */
  constructor(
    pipe: number,
    reactor: Reactor,
    writer: LogWriter,
    readonly tell: (message: string) => void,
  ) {
    this.#pipe = pipe;
    this.#peek = new Peek(pipe);
    this.#reactor = reactor;
    this.#writer = writer;
    const { dev, ino } = fstatSync(pipe);
    this.#seed = runtime.quickHash(`${dev}:${ino}`);
  }

  /** Reads until the end of the pipe, or until `endSoon`. */
  async read(): Promise<void> {
    this.#look();
    this.#writer.resume(this);
    this.#reactor.watchChanges(this.#pipe, (events) => {
      this.#isLast ||= (events & EPOLL.hup) !== 0;
      this.#turn();
    });
    await this.#reactor.run();
  }

  /** What is in the pipe by now is still read, and then the rest of a line that somebody is writing. */
  endSoon(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    if (this.#plain !== null) this.#plain.endSoon();
    else if (this.#drain()) this.#reactor.stop();
    else this.#reactor.after(REST_OF_LINE, () => this.#end());
  }

  digest(count: number): bigint | null {
    return count > this.#length ? null : runtime.quickHash(this.#buffer.subarray(0, count), this.#seed);
  }

  consume(count: number): void {
    // Not to wait for what somebody else has taken.
    const length = Math.min(count, waitingBytes(this.#pipe));
    const taken = this.#taken.subarray(0, length);
    if (length > 0) readSync(this.#pipe, taken, 0, length, null);
    if (Buffer.compare(taken, this.#buffer.subarray(0, count)) === 0) return;
    this.tell('somebody else reads the same pipe: lines can be there twice, or in pieces');
    this.#writer.write(taken);
    if (this.#plain === null) this.#readPlainly();
  }

  #readPlainly(): void {
    this.#reactor.unwatch(this.#pipe);
    this.#plain = new Input(this.#pipe, this.#reactor, (chunk) => this.#writer.write(chunk));
    this.#plain.begin();
    if (this.#isEnding) this.#plain.endSoon();
  }

  /** Signals have their turn in between, however fast lines come. */
  #turn(): void {
    this.#nextLook?.cancel();
    const delay = this.#takeSome();
    if (delay !== null && this.#plain === null) this.#nextLook = this.#reactor.after(delay, () => this.#turn());
  }

  /** Milliseconds to the next look; null means when more has come. */
  #takeSome(): number | null {
    const chunk = this.#look();
    if (chunk === null) return null;
    // Not more than the line when told to end: what comes behind it belongs to the next logger.
    const whole = (this.#isEnding ? chunk.indexOf(NEWLINE) : chunk.lastIndexOf(NEWLINE)) + 1;
    if (chunk.length === 0 || (this.#isEnding && whole > 0)) this.#reactor.stop();
    if (whole > 0) {
      this.#takeLines(chunk.subarray(0, whole));
      return 0;
    }
    const now = performance.now();
    this.#halfSince ??= now;
    const waited = now - this.#halfSince;
    if (waited < PATIENCE && chunk.length < FULL && !this.#isLast) return waited < ALL_THE_TIME ? 0 : waited;
    this.#takePart(chunk);
    return 0;
  }

  #look(): Uint8Array | null {
    const length = this.#peek.look(this.#buffer);
    this.#length = length ?? 0;
    return length === null ? null : this.#buffer.subarray(0, length);
  }

  /** Some of them: answers how many bytes. */
  #takeLines(lines: Uint8Array): number {
    this.#halfSince = null;
    this.#isInLine = false;
    return this.#writer.writeFrom(this, lines);
  }

  #takePart(part: Uint8Array): void {
    this.#halfSince = null;
    if (part.length > 0) this.#isInLine = part.at(-1) !== NEWLINE;
    this.#writer.write(part);
    this.consume(part.length);
  }

  /** Takes the lines that are there now, and no more, however fast they are written. False if half a line is left. */
  #drain(): boolean {
    for (let left = waitingBytes(this.#pipe); left > 0 && this.#plain === null; ) {
      const chunk = this.#look()?.subarray(0, left);
      if (chunk === undefined) break;
      const whole = chunk.lastIndexOf(NEWLINE) + 1;
      if (whole === 0) return false;
      left -= this.#takeLines(chunk.subarray(0, whole));
    }
    return !this.#isInLine;
  }

  #end(): void {
    this.#takeAll();
    this.#reactor.stop();
  }

  #takeAll(): void {
    const part = this.#look();
    if (part !== null && this.#plain === null) this.#takePart(part);
  }
}
