/** Strings as C wants them. The buffers must stay reachable for as long as C may look at them. */
import { runtime } from './runtime/runtime.ts';

export function cString(text: string | Uint8Array): Buffer {
  return typeof text === 'string' ? Buffer.from(`${text}\0`) : Buffer.concat([text, NUL]);
}

const NUL = new Uint8Array(1);

/** A NULL-terminated array of pointers, and what it points to. */
export interface Vector {
  readonly pointers: BigUint64Array;
  readonly strings: readonly Uint8Array[];
}

/** Each of `strings` ends with a NUL. */
export function vector(strings: readonly Uint8Array[]): Vector {
  const pointers = new BigUint64Array(strings.length + 1);
  for (const [index, string] of strings.entries()) pointers[index] = BigInt(runtime.addressOf(string));
  return { pointers, strings };
}
