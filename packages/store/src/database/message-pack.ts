/**
 * MessagePack, as much of it as a database has: maps with texts for keys, arrays, texts, bytes, true, and integers that fit
 * into 32 bits, each in the shortest form. The library reads and writes it; what it would read besides (extensions, its own
 * records, floats) it is not shown.
 */
import { Packr, RESET_BUFFER_MODE, REUSE_BUFFER_MODE } from 'msgpackr/pack';

/** How deep maps and arrays may lie in each other; a definition needs six. */
const DEEPEST = 8;

const packr = new Packr({ useRecords: false, variableMapSize: true, mapsAsObjects: true });

/** A view that is valid until the next call: everything is written into one buffer. */
export function pack(value: unknown): Uint8Array {
  const { buffer, byteOffset, start, end } = packr.pack(value, REUSE_BUFFER_MODE | RESET_BUFFER_MODE) as Written;
  return new Uint8Array(buffer, byteOffset + start, end - start);
}

/** The library's buffer, and where in it the value is. */
type Written = Buffer & { readonly start: number; readonly end: number };

/**
 * Bytes in it are views into `bytes`. Throws TypeError or RangeError where they are no value as described above; two keys
 * that are the same, a text that is not UTF-8, or an integer that could be shorter show only when it is packed again.
 */
export function unpack(bytes: Uint8Array): unknown {
  if (new Walk(bytes).end() !== bytes.length) throw new RangeError('there are bytes after its end');
  return packr.unpack(bytes);
}

/** What follows the first byte of a value. */
interface Follows {
  readonly what: 'bytes' | 'items' | 'entries';
  /** How many, if the first byte says it. */
  readonly count: number;
  /** Of the number that says how many, in bytes. */
  readonly length: 0 | 1 | 2 | 4;
}

/** True, and integers of 8, 16 and 32 bits: how many bytes they have. */
const PLAIN: ReadonlyMap<number, number> = new Map([
  [0xc3, 0],
  [0xcc, 1],
  [0xcd, 2],
  [0xce, 4],
]);

/** Bin, str, array and map. */
const COUNTED: ReadonlyMap<number, Follows> = new Map([
  [0xc4, { what: 'bytes', count: 0, length: 1 }],
  [0xc5, { what: 'bytes', count: 0, length: 2 }],
  [0xc6, { what: 'bytes', count: 0, length: 4 }],
  [0xd9, { what: 'bytes', count: 0, length: 1 }],
  [0xda, { what: 'bytes', count: 0, length: 2 }],
  [0xdb, { what: 'bytes', count: 0, length: 4 }],
  [0xdc, { what: 'items', count: 0, length: 2 }],
  [0xdd, { what: 'items', count: 0, length: 4 }],
  [0xde, { what: 'entries', count: 0, length: 2 }],
  [0xdf, { what: 'entries', count: 0, length: 4 }],
]);

function followsOf(first: number): Follows | undefined {
  if (first < 0x80 || first >= 0xe0) return { what: 'bytes', count: 0, length: 0 };
  if (first < 0x90) return { what: 'entries', count: first & 0x0f, length: 0 };
  if (first < 0xa0) return { what: 'items', count: first & 0x0f, length: 0 };
  if (first < 0xc0) return { what: 'bytes', count: first & 0x1f, length: 0 };
  const count = PLAIN.get(first);
  return count === undefined ? COUNTED.get(first) : { what: 'bytes', count, length: 0 };
}

/** By the first byte. Undefined if no value in a database begins with it. */
const FOLLOWS: readonly (Follows | undefined)[] = Array.from({ length: 256 }, (_, first) => followsOf(first));

function isText(first: number): boolean {
  return (first >= 0xa0 && first < 0xc0) || (first >= 0xd9 && first <= 0xdb);
}

/** Goes from value to value without making any. */
class Walk {
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Where the first value ends. */
  end(): number {
    this.#value(0);
    return this.#at;
  }

  #value(depth: number): void {
    if (depth > DEEPEST) throw new RangeError('it is too deep');
    const first = this.#number(1);
    const follows = FOLLOWS[first];
    if (follows === undefined) throw new TypeError(`nothing in it may begin with 0x${first.toString(16)}`);
    const { what, length } = follows;
    const count = length === 0 ? follows.count : this.#number(length);
    if (what === 'bytes') this.#skip(count);
    else
      for (let i = 0; i < count; i++) {
        if (what === 'entries') this.#key(depth + 1);
        this.#value(depth + 1);
      }
  }

  #key(depth: number): void {
    if (this.#at < this.#view.byteLength && !isText(this.#view.getUint8(this.#at)))
      throw new TypeError('a key of it is no text');
    this.#value(depth);
  }

  /** Of `length` bytes, the most significant first. */
  #number(length: 1 | 2 | 4): number {
    const at = this.#at;
    this.#skip(length);
    if (length === 1) return this.#view.getUint8(at);
    return length === 2 ? this.#view.getUint16(at) : this.#view.getUint32(at);
  }

  #skip(length: number): void {
    this.#at += length;
    if (this.#at > this.#view.byteLength) throw new RangeError('it ends too early');
  }
}
