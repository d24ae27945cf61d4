/** Writes values one after the other, each in the form in which `byte-reader.ts` reads it back. */
const ENCODER = new TextEncoder();

export class ByteWriter {
  #buffer = new Uint8Array(4096);
  #view = new DataView(this.#buffer.buffer);
  #length = 0;

  reset(): void {
    this.#length = 0;
  }

  /** A view that is valid until the next value is written. */
  written(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  readonly byte = (value: number): void => {
    this.#reserve(1);
    this.#buffer[this.#length++] = value;
  };

  readonly flag = (value: boolean): void => this.byte(value ? 1 : 0);

  readonly number = (value: number): void => {
    this.#reserve(4);
    this.#view.setUint32(this.#length, value, true);
    this.#length += 4;
  };

  readonly bytes = (value: Uint8Array): void => {
    this.number(value.length);
    this.#reserve(value.length);
    this.#buffer.set(value, this.#length);
    this.#length += value.length;
  };

  readonly text = (value: string): void => {
    this.#reserve(4 + value.length * 3);
    if (this.#ascii(value)) return;
    const { written } = ENCODER.encodeInto(value, this.#buffer.subarray(this.#length + 4));
    this.number(written);
    this.#length += written;
  };

  /** Short texts are nearly always ASCII, and most of what there is to encode. */
  #ascii(value: string): boolean {
    if (value.length > 64) return false;
    const start = this.#length + 4;
    for (let i = 0; i < value.length; i++) {
      const unit = value.charCodeAt(i);
      if (unit > 0x7f) return false;
      this.#buffer[start + i] = unit;
    }
    this.number(value.length);
    this.#length += value.length;
    return true;
  }

  optional<T>(value: T | null | undefined, write: (value: T) => void): void {
    const given = value !== null && value !== undefined;
    this.flag(given);
    if (given) write(value);
  }

  list<T>(values: readonly T[], write: (value: T) => void): void {
    this.number(values.length);
    for (const value of values) write(value);
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#buffer.length) return;
    const grown = new Uint8Array(Math.max(this.#buffer.length * 2, this.#length + more));
    grown.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = grown;
    this.#view = new DataView(grown.buffer);
  }
}
