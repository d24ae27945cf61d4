/** Plans from lists of names, for completing or undoing an update that somebody else has begun. */
import { type Database, type ServiceId, servicesByName } from '@muster/core/model/database';
import { orderSteps } from '@muster/core/plan/order';
import type { Plan } from '@muster/core/plan/plan';

/** Brings the services of these names up, each after what it needs. What nobody wants is wanted from now on. */
export function planStarts(
  database: Database,
  names: readonly string[],
  isWanted: (service: ServiceId) => boolean,
): Plan {
  const ids = servicesByName(database);
  const services = names.flatMap((name) => ids.get(name) ?? []);
  const up = new Map(services.map((service) => [service, { why: 'was-up' as const }]));
  return {
    steps: orderSteps(database, { up }),
    wishes: services.filter((service) => !isWanted(service)).map((service) => ({ service, wanted: 'pulled' })),
  };
}
