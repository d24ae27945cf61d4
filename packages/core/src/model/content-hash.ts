/** Content hashes: whether two services, or a service and what runs of it, are made of the same. */
import type { Database, ServiceId } from './database.ts';

/** Bytes of a SHA-256. */
export const CONTENT_HASH_SIZE = 32;

/** The content hash of one service: a view into the column. */
export function contentHashOf({ contentHashes }: Pick<Database, 'contentHashes'>, service: ServiceId): Uint8Array {
  return contentHashes.subarray(service * CONTENT_HASH_SIZE, (service + 1) * CONTENT_HASH_SIZE);
}

export function isSameHash(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

/** A record has no hash before the first start, and then nothing can be said of what runs. */
export function isKnownHash(hash: Uint8Array): boolean {
  return hash.some((byte) => byte !== 0);
}
