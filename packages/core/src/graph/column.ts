/** Columns of integers all of which stand for the same kind of thing: ids of services, say. */

interface Row<Value extends number> {
  [index: number]: Value;
  [Symbol.iterator](): ArrayIterator<Value>;
  entries(): ArrayIterator<[number, Value]>;
  some(test: (value: Value, index: number) => boolean): boolean;
  every(test: (value: Value, index: number) => boolean): boolean;
  filter(test: (value: Value, index: number) => boolean): Column<Value>;
  subarray(start?: number, end?: number): Column<Value>;
  forEach(visit: (value: Value, index: number) => void): void;
}

/** To the machine it is `Raw`; what is read from it and written to it is of one kind. */
export type Column<Value extends number, Raw extends Int32Array | Uint32Array = Uint32Array> = Row<Value> & Raw;

/** For who fills `raw` with such values, or has checked that it holds nothing else. */
export function columnOf<Value extends number, Raw extends Int32Array | Uint32Array = Uint32Array>(
  raw: Raw,
): Column<Value, Raw> {
  return raw as Column<Value, Raw>;
}
