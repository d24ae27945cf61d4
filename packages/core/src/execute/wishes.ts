/** What a plan wishes, before its first step: see docs/decisions/engine.md. */
import { conditionOf } from '../model/condition.ts';
import type { ServiceId } from '../model/database.ts';
import type { Plan } from '../plan/plan.ts';
import type { Ports } from './ports.ts';
import type { StepTable } from './step-table.ts';

type Wishes = Required<Plan>['wishes'];

/** Writes what is not wished yet. */
export function writeWishes(wishes: Wishes, { records }: Pick<Ports, 'records'>): void {
  for (const { service, wanted } of wishes) {
    const wantedNow = records.read(service).wanted;
    const stands = wanted === 'pulled' ? wantedNow !== 'no' : wantedNow === wanted;
    if (!stands) records.wish(service, wanted);
  }
}

export function unwantedAmong(wishes: Wishes): Set<ServiceId> {
  return new Set(wishes.filter(({ wanted }) => wanted === 'no').map(({ service }) => service));
}

/**
 * A change that began to move a service before it could see this one's wish, and after this one's plan saw the service,
 * is answered with a step of our own. (It looks at the wish once more after it has written that it began.)
 */
export function catchUp(
  wishes: Wishes,
  { supervisor, records }: Pick<Ports, 'supervisor' | 'records'>,
  table: StepTable,
): void {
  for (const { service, wanted } of wishes) {
    const action = wanted === 'no' ? 'down' : 'up';
    if (table.openStep({ service, action }) !== undefined) continue;
    const isMoved = conditionOf(records.read(service), supervisor.observe(service)) !== action;
    if (isMoved) table.add({ service, action });
  }
}
