/**
 * Whether what runs is older than its definition. The only place that decides it: rc-status, rc-diff and rc-update all ask
 * here.
 */
import { contentHashOf, isKnownHash, isSameHash } from './content-hash.ts';
import { type Database, ONESHOT, type ServiceId } from './database.ts';
import type { Deed } from './record.ts';

/**
 * Content hash of the definition that a service was last brought up from. Null: it was not, or nobody knows; then what
 * runs of it counts as started from the live database's definition.
 */
export function startedFrom({ transition, contentHash }: Pick<Deed, 'transition' | 'contentHash'>): Uint8Array | null {
  return transition === 'up' && isKnownHash(contentHash) ? contentHash : null;
}

/** Of a service that is up: its process was started from another definition than that in `database`. */
export function isStale(database: Database, service: ServiceId, record: Deed): boolean {
  // Of a oneshot nothing runs that could be older than its definition.
  if (database.kinds[service] === ONESHOT) return false;
  const hash = startedFrom(record);
  return hash !== null && !isSameHash(hash, contentHashOf(database, service));
}
