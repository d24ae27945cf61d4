/**
 * What a source was when it was read: the fingerprint of every directory and file of it that was opened or measured, taken
 * before its content was. If all are the same later, so is the source: names come and go with a change of their directory.
 */
import { changedAt, FINGERPRINT_WORDS, hasFingerprint, writeFingerprint } from '@muster/posix/directory';

/**
 * Seconds. A file that was changed so shortly before it was read could change again without its time showing it: file systems
 * count in ticks, some in seconds.
 */
const RACY = 3;

/** Of UTF-8, for each unit of UTF-16, at most. */
const BYTES_OF_A_CHARACTER = 3;

export class Sightings {
  readonly #begun: number;
  /** Each ended by a NUL, as bytes: so many texts would keep the collector of garbage busy. */
  #paths = Buffer.alloc(1 << 12);
  #end = 0;
  #count = 0;
  #words = new Uint32Array(FINGERPRINT_WORDS * 256);
  #isCertain = true;

  /** `begun`: before anything of the source is read, in seconds since 1970. */
  constructor(begun = Date.now() / 1000) {
    this.#begun = begun;
  }

  /** To be called right after its status was asked for, and before what is in it is read. */
  add(path: string): void {
    const at = this.#count * FINGERPRINT_WORDS;
    if (at === this.#words.length) {
      const grown = new Uint32Array(at * 2);
      grown.set(this.#words);
      this.#words = grown;
    }
    writeFingerprint(this.#words, at);
    if (!(changedAt(this.#words, at) < this.#begun - RACY) || path.includes('\0')) this.#isCertain = false;
    this.#count++;
    const most = this.#end + path.length * BYTES_OF_A_CHARACTER + 1;
    if (most > this.#paths.length) this.#paths = Buffer.concat([this.#paths], most * 2);
    this.#end += this.#paths.write(path, this.#end);
    this.#paths[this.#end++] = 0;
  }

  /** What was seen depends on more than has a fingerprint: on what a link leads to. */
  giveUp(): void {
    this.#isCertain = false;
  }

  /** Null if a later look at the fingerprints could not tell whether anything has changed. */
  taken(): Seen | null {
    if (!this.#isCertain || this.#count === 0) return null;
    return {
      words: this.#words.subarray(0, this.#count * FINGERPRINT_WORDS),
      paths: this.#paths.subarray(0, this.#end),
    };
  }
}

export interface Seen {
  /** `FINGERPRINT_WORDS` of each. */
  readonly words: Uint32Array;
  /** Each ended by a NUL. */
  readonly paths: Uint8Array;
}

export function isAsSeen({ words, paths }: Seen): boolean {
  let start = 0;
  for (let at = 0; at < words.length; at += FINGERPRINT_WORDS) {
    const end = paths.indexOf(0, start) + 1;
    if (end === 0 || !hasFingerprint(paths.subarray(start, end), words, at)) return false;
    start = end;
  }
  return start === paths.length;
}
