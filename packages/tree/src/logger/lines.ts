/** From chunks of bytes to lines. */

/** A line without end would need memory without end: longer ones are broken. */
export const LONGEST_LINE = 64 * 1024;
const NEWLINE = 10;

/** Keeps what has no newline yet until the rest comes. */
export class LineSplitter {
  #rest: Uint8Array = new Uint8Array(0);

  /** Nothing is kept. */
  get isEmpty(): boolean {
    return this.#rest.length === 0;
  }

  /** Lines without their newline. They may share memory with `chunk`. */
  *split(chunk: Uint8Array): Generator<Uint8Array> {
    const bytes = this.#rest.length === 0 ? chunk : joined(this.#rest, chunk);
    let start = 0;
    for (;;) {
      const end = bytes.indexOf(NEWLINE, start);
      const stop = end === -1 ? bytes.length : end;
      while (stop - start > LONGEST_LINE) {
        yield bytes.subarray(start, start + LONGEST_LINE);
        start += LONGEST_LINE;
      }
      if (end === -1) break;
      yield bytes.subarray(start, end);
      start = end + 1;
    }
    this.#rest = bytes.slice(start);
  }

  /** What came last without a newline, if anything did. */
  end(): Uint8Array | null {
    const rest = this.#rest;
    this.#rest = new Uint8Array(0);
    return rest.length === 0 ? null : rest;
  }
}

export function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}
