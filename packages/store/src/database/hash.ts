/** The hash of a database file: what its header promises, and the name that a live directory keeps it under. */
import { HASH_SIZE, OFFSET } from './format.ts';

export function hashOf(file: Uint8Array): Uint8Array {
  const hasher = new Bun.CryptoHasher('sha256');
  hasher.update(file.subarray(0, OFFSET.hash));
  hasher.update(file.subarray(OFFSET.hash + HASH_SIZE));
  return hasher.digest();
}

/** SHA-256, as the compiler wants it. */
export function digest(bytes: Uint8Array): Uint8Array {
  return Bun.SHA256.hash(bytes) as Uint8Array;
}
