/**
 * Writes lines to the container's standard output or error, and never waits for whoever reads that: what cannot be written now is held,
 * up to a limit; beyond that lines are dropped, and how many is said when somebody reads again.
 *
 * The description of an inherited descriptor is shared with the command, which would not expect it to become non-blocking: a pipe
 * or a terminal is opened again. Where that is refused, it is asked before each write whether it has room.
 */
import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs';
import { pause } from '@muster/posix/pause';
import { isWritable } from '@muster/posix/poll';
import type { Reactor } from '@muster/posix/reactor';

/** In bytes, of lines that wait. */
const MOST_HELD = 1024 * 1024;
/** What goes into a pipe in one piece, whoever else writes to it. */
const PIECE = 4096;
/** Milliseconds for which the last lines are tried again when everything is over, and between two tries. */
const LAST_TRIES = 500;
const LAST_PAUSE = 10;
/** Nobody will read it any more. */
const DEAD: ReadonlySet<string | undefined> = new Set(['EPIPE', 'EIO', 'EBADF', 'ENXIO']);

export class LineWriter {
  readonly #descriptor: number;
  /** A write may block, and is only tried when there is room. */
  readonly #mayBlock: boolean;
  /** It is always ready, and cannot be waited for. */
  readonly #isFile: boolean;
  readonly #isOwn: boolean;
  #reactor: Reactor | null = null;
  #waiting: Buffer[] = [];
  #size = 0;
  #dropped = 0;
  #isWatched = false;
  #isDead = false;

  /** `missing`: the line that says how many are missing. */
  constructor(
    descriptor: number,
    readonly missing: (count: number) => string,
  ) {
    this.#isFile = isRegular(descriptor);
    const own = this.#isFile ? null : openAgain(descriptor);
    this.#descriptor = own ?? descriptor;
    this.#isOwn = own !== null;
    this.#mayBlock = !this.#isFile && own === null;
  }

  /** From now on what has no room is written as soon as it has. */
  begin(reactor: Reactor): void {
    this.#reactor = reactor;
    this.#flush();
  }

  /** `line` ends with a newline. */
  write(line: Uint8Array): void {
    if (this.#isDead) return;
    if (this.#size + line.length > MOST_HELD) {
      this.#dropped++;
      return;
    }
    if (this.#dropped > 0 && this.#size < MOST_HELD / 2) this.#sayMissing();
    this.#hold(Buffer.from(line));
    this.#flush();
  }

  /** A reader that does not read is not waited for. */
  close(): void {
    for (let left = LAST_TRIES; left > 0 && this.#size > 0 && !this.#isDead; left -= LAST_PAUSE) {
      this.#flush();
      if (this.#size > 0) pause(LAST_PAUSE);
    }
    this.#unwatch();
    if (this.#isOwn) closeSync(this.#descriptor);
    this.#isDead = true;
  }

  #hold(line: Buffer): void {
    this.#waiting.push(line);
    this.#size += line.length;
  }

  #sayMissing(): void {
    this.#hold(Buffer.from(`${this.missing(this.#dropped)}\n`));
    this.#dropped = 0;
  }

  #flush(): void {
    while (this.#waiting.length > 0) {
      if (this.#mayBlock && !isWritable(this.#descriptor)) break;
      const piece = this.#take();
      let written = 0;
      try {
        written = writeSync(this.#descriptor, piece);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (DEAD.has(code)) {
          this.#die();
          return;
        }
        // No room, or none on the disk that it is redirected to: what was dropped then is counted.
        if (code !== 'EAGAIN') {
          this.#dropped++;
          continue;
        }
      }
      if (written === piece.length) continue;
      const rest = piece.subarray(written);
      this.#waiting.unshift(rest);
      this.#size += rest.length;
      if (written === 0) break;
    }
    if (this.#waiting.length === 0 && this.#dropped > 0) {
      this.#sayMissing();
      this.#flush();
      return;
    }
    if (this.#waiting.length > 0) this.#watch();
    else this.#unwatch();
  }

  /** Whole lines, as many as go in one piece; at least one. */
  #take(): Buffer {
    let count = 1;
    let size = this.#waiting[0]!.length;
    if (this.#mayBlock && size > PIECE) {
      const long = this.#waiting[0]!;
      this.#waiting[0] = long.subarray(PIECE);
      this.#size -= PIECE;
      return long.subarray(0, PIECE);
    }
    while (count < this.#waiting.length && size + this.#waiting[count]!.length <= PIECE)
      size += this.#waiting[count++]!.length;
    this.#size -= size;
    return Buffer.concat(this.#waiting.splice(0, count));
  }

  #watch(): void {
    if (this.#isWatched || this.#isFile || this.#reactor === null) return;
    this.#isWatched = true;
    this.#reactor.watchWritable(this.#descriptor, () => this.#flush());
  }

  #unwatch(): void {
    if (this.#isWatched) this.#reactor?.unwatch(this.#descriptor);
    this.#isWatched = false;
  }

  #die(): void {
    this.#isDead = true;
    this.#waiting = [];
    this.#size = 0;
    this.#unwatch();
  }
}

function isRegular(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isFile();
  } catch {
    return false;
  }
}

function openAgain(descriptor: number): number | null {
  try {
    return openSync(`/proc/self/fd/${descriptor}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return null;
  }
}
