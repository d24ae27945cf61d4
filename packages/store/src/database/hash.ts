/** The hash of a database file: what its header promises, and the name that a live directory keeps it under. */
import { runtime } from '@muster/posix/runtime/runtime';
import { HASH_SIZE, OFFSET } from './format.ts';

export function hashOf(file: Uint8Array): Uint8Array {
  return runtime.sha256(file.subarray(0, OFFSET.hash), file.subarray(OFFSET.hash + HASH_SIZE));
}

/** SHA-256, as the compiler wants it. */
export function digest(bytes: Uint8Array): Uint8Array {
  return runtime.sha256(bytes);
}
