/** What a plan is made from, beside the database: how each service is, and what is wanted of it. */
import { type Condition, conditionOf } from '../model/condition.ts';
import type { ServiceId } from '../model/database.ts';
import type { Observation } from '../model/observation.ts';
import type { ServiceRecord, Wanted } from '../model/record.ts';

export interface World {
  condition(service: ServiceId): Condition;
  wanted(service: ServiceId): Wanted;
}

interface Sources {
  readonly records: { read(service: ServiceId): ServiceRecord };
  readonly supervisor: { observe(service: ServiceId): Observation };
}

/** The world as it is at the first look at each service: one plan sees each service once. */
export function observedWorld({ records, supervisor }: Sources): World {
  const seen = new Map<ServiceId, { readonly condition: Condition; readonly wanted: Wanted }>();
  const look = (service: ServiceId) => {
    let sight = seen.get(service);
    if (sight === undefined) {
      const record = records.read(service);
      sight = { condition: conditionOf(record, supervisor.observe(service)), wanted: record.wanted };
      seen.set(service, sight);
    }
    return sight;
  };
  return { condition: (service) => look(service).condition, wanted: (service) => look(service).wanted };
}

/** Something runs, or is meant to. */
export function concerns(world: World, service: ServiceId): boolean {
  return world.condition(service) !== 'down' || world.wanted(service) !== 'no';
}
