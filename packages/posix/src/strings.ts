/** Strings as C wants them. The buffers must stay reachable for as long as C may look at them. */
import { ptr } from 'bun:ffi';

export function cString(text: string): Buffer {
  return Buffer.from(`${text}\0`);
}

/** A NULL-terminated array of pointers, and what it points to. */
export interface Vector {
  readonly pointers: BigUint64Array;
  readonly strings: readonly Uint8Array[];
}

/** Each of `strings` ends with a NUL. */
export function vector(strings: readonly Uint8Array[]): Vector {
  const pointers = new BigUint64Array(strings.length + 1);
  for (const [index, string] of strings.entries()) pointers[index] = BigInt(ptr(string));
  return { pointers, strings };
}
