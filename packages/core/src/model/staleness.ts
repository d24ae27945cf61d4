/**
 * Whether what runs is older than its definition. The only place that decides it: rc-status, rc-diff and rc-update all ask
 * here.
 */
import { contentHashOf, isKnownHash, isSameHash } from './content-hash.ts';
import { type Database, ONESHOT, type ServiceId } from './database.ts';
import type { Observation } from './observation.ts';
import type { LastTransition } from './record.ts';

export interface Running {
  readonly record: Pick<LastTransition, 'transition' | 'contentHash'>;
  readonly observation: Observation;
  /** Milliseconds since the epoch: when the live database's definitions had taken their places. */
  readonly liveSince: number;
}

/**
 * Content hash of the definition that a service was last brought up from. Null if what runs of it counts as started from the
 * live database's definition, because its supervisor has started it again since that was live, or because nobody knows.
 */
export function startedFrom({ record, observation, liveSince }: Running): Uint8Array | null {
  if (record.transition !== 'up' || !isKnownHash(record.contentHash)) return null;
  if (observation.kind === 'longrun' && (observation.state !== 'up' || observation.since > liveSince)) return null;
  return record.contentHash;
}

/** Of a service that is up: its process was started from another definition than that in `database`. */
export function isStale(database: Database, service: ServiceId, running: Running): boolean {
  // Of a oneshot nothing runs that could be older than its definition.
  if (database.kinds[service] === ONESHOT) return false;
  const hash = startedFrom(running);
  return hash !== null && !isSameHash(hash, contentHashOf(database, service));
}
