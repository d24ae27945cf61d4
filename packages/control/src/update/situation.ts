/** What an update must know of the machine, from records and supervisors. */

import type { InstanceSet } from '@muster/core/instances/instance-set';
import { conditionOf } from '@muster/core/model/condition';
import { isKnownHash } from '@muster/core/model/content-hash';
import { type Database, serviceId } from '@muster/core/model/database';
import type { Observation } from '@muster/core/model/observation';
import type { ServiceRecord } from '@muster/core/model/record';
import { startedFrom } from '@muster/core/model/staleness';
import type { UpdateWorld } from '@muster/core/plan/update/world';
import type { Live } from '@muster/store/live/open';
import { definedSince } from '../status/defined-since.ts';

interface Sources {
  readonly live: Pick<Live, 'paths'>;
  readonly instances: InstanceSet;
  readonly records: { read(service: number): ServiceRecord };
  readonly supervisor: { observe(service: number): Observation };
}

/** A service that is on its way up, or that its supervisor restarts again and again, counts as up: it is meant to be. */
export function situationOf(database: Database, { live, instances, records, supervisor }: Sources): UpdateWorld {
  const since = definedSince({ live, database, instances });
  return {
    services: database.names.map((_, service) => {
      const record = records.read(service);
      const observation = supervisor.observe(service);
      const condition = conditionOf(record, observation);
      const up = condition === 'up' || (condition === 'between' && record.transition === 'up');
      const contentHash = up ? startedFrom({ record, observation, liveSince: since(serviceId(service)) }) : null;
      const missed = up || record.wanted === 'no' ? {} : { missed: { tried: triedWith(record) } };
      return { up, running: condition !== 'down', contentHash, ...missed };
    }),
  };
}

function triedWith({ transition, contentHash }: ServiceRecord): Uint8Array | null {
  return transition === 'up' && isKnownHash(contentHash) ? contentHash : null;
}
