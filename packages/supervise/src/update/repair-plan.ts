/** Plans from lists of names, for completing or undoing an update that somebody else has begun. */
import { targetsOf } from '@muster/core/graph/edges';
import type { Database } from '@muster/core/model/database';
import type { Plan } from '@muster/core/plan/plan';
import { orderSteps } from '@muster/core/plan/update/order';

/** Brings the services of these names up, each after what it needs. What nobody wants is wanted from now on. */
export function planStarts(database: Database, names: readonly string[], isWanted: (service: number) => boolean): Plan {
  const ids = new Map(database.names.map((name, id) => [name, id]));
  const services = names.flatMap((name) => ids.get(name) ?? []).sort((a, b) => a - b);
  const placed = orderSteps(
    services,
    (service) => targetsOf(database.needs, service),
    (service) => [...targetsOf(database.wants, service), ...targetsOf(database.after, service)],
  );
  return {
    steps: placed.map((place) => ({ ...place, action: 'up', reason: { why: 'was-up' } })),
    wishes: services.filter((service) => !isWanted(service)).map((service) => ({ service, wanted: 'pulled' })),
  };
}
