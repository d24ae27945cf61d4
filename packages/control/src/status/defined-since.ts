/** Since when each service is defined as it is: what was started later was started from that. */
import type { InstanceSet } from '@muster/core/instances/instance-set';
import { instanceServiceOf } from '@muster/core/instances/overlay';
import type { Database, ServiceId } from '@muster/core/model/database';
import { liveSince } from '@muster/store/live/generations';
import type { Live } from '@muster/store/live/open';

interface Defined {
  readonly live: Pick<Live, 'paths'>;
  readonly database: Pick<Database, 'names'>;
  readonly instances: InstanceSet;
}

/** Milliseconds since the epoch. */
export function definedSince({ live, database, instances }: Defined): (service: ServiceId) => number {
  const all = liveSince(live.paths.generations);
  return (service) => Math.max(all, instanceServiceOf(database, instances, service)?.since ?? 0);
}
