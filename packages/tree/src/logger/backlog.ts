/** Lines that wait to be written, bounded: when there is no room the oldest go, and are counted. */

export class Backlog {
  readonly #limit: number;
  #lines: Uint8Array[] = [];
  #bytes = 0;
  #lost = 0;

  /** `limit` is in bytes. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get isEmpty(): boolean {
    return this.#lines.length === 0;
  }

  /** Lines dropped since the last `takeLost`. */
  get lost(): number {
    return this.#lost;
  }

  get waiting(): number {
    return this.#lines.length;
  }

  add(line: Uint8Array): void {
    this.#lines.push(line);
    this.#bytes += line.length;
    if (this.#bytes <= this.#limit) return;
    let dropped = 0;
    while (this.#bytes > this.#limit && dropped < this.#lines.length - 1) this.#bytes -= this.#lines[dropped++]!.length;
    this.#lines.splice(0, dropped);
    this.#lost += dropped;
  }

  /** How many lines were dropped, once. */
  takeLost(): number {
    const lost = this.#lost;
    this.#lost = 0;
    return lost;
  }

  /** The first lines, as many as have together at most `room` bytes, but at least one. */
  batch(room: number): Uint8Array {
    let length = this.#lines[0]!.length;
    let count = 1;
    while (count < this.#lines.length && length + this.#lines[count]!.length <= room) {
      length += this.#lines[count]!.length;
      count++;
    }
    const bytes = new Uint8Array(length);
    let at = 0;
    for (let i = 0; i < count; i++) {
      bytes.set(this.#lines[i]!, at);
      at += this.#lines[i]!.length;
    }
    return bytes;
  }

  /** The first lines, together `bytes` long, have been written. */
  written(bytes: number): void {
    let left = bytes;
    let count = 0;
    while (left > 0) left -= this.#lines[count++]!.length;
    this.#lines.splice(0, count);
    this.#bytes -= bytes;
  }
}
