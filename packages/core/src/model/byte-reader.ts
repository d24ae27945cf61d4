/** Reads what `byte-writer.ts` wrote. Every method throws RangeError where the bytes end too early, or cannot be what was written. */
const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export class ByteReader {
  #at = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw new RangeError('the definition has bytes after its end');
  }

  /** A byte below `count`. */
  choose(what: string, count: number): number {
    const value = this.#view.getUint8(this.#at++);
    if (value >= count) throw new RangeError(`${value} is no ${what}`);
    return value;
  }

  readonly flag = (): boolean => this.choose('flag', 2) === 1;

  readonly number = (): number => {
    const value = this.#view.getUint32(this.#at, true);
    this.#at += 4;
    return value;
  };

  readonly bytes = (): Uint8Array => {
    const length = this.number();
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new RangeError('the definition ends too early');
    const value = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return value;
  };

  readonly text = (): string => DECODER.decode(this.bytes());

  optional<T>(read: () => T): T | null {
    return this.flag() ? read() : null;
  }

  list<T>(read: (reader: ByteReader) => T): T[] {
    const count = this.number();
    const values: T[] = [];
    for (let i = 0; i < count; i++) values.push(read(this));
    return values;
  }
}
