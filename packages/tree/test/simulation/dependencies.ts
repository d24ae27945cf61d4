/** The order of dependencies: what must be so when a change tells the tree to start or stop a service. */
import { targetsOf } from '@muster/core/graph/edges';
import { type Database, ON_DEPENDENCY_RESTART, type ServiceId } from '@muster/core/model/database';
import { RuleBroken } from '@muster/core/test/simulation/rules';
import type { Machine, Request } from './machine.ts';

export interface Permissions {
  readonly restarts: boolean;
}

/**
 * `isReminder`: it was said before in the same step. What the service needs may have died since, and is being restarted; or,
 * where no tree lived for a while, what nobody could see has turned out otherwise.
 */
export function checkOrder(
  machine: Machine,
  service: ServiceId,
  request: Request,
  { restarts, isReminder }: Permissions & { readonly isReminder: boolean },
): void {
  // Nobody hears it.
  if (!machine.treeIsAlive || isReminder) return;
  if (request === 'start') checkStart(machine, service);
  if (request === 'stop') checkStop(machine, service, restarts);
}

function checkStart(machine: Machine, service: ServiceId): void {
  const { database } = machine;
  for (const need of targetsOf(database.needs, service))
    if (!machine.isUp(need)) broken(machine, 'started', service, 'whose need is not up:', need);
  for (const rival of targetsOf(database.conflicts, service))
    if (!machine.isDown(rival)) broken(machine, 'started', service, 'beside', rival);
}

function checkStop(machine: Machine, service: ServiceId, restarts: boolean): void {
  const { database } = machine;
  const { transition, phase } = machine.records[service]!;
  const cleansUp = transition === 'up' && phase === 'failed';
  if (!machine.isUp(service) || cleansUp) return;
  for (const dependent of targetsOf(database.neededBy, service)) {
    if (machine.isDown(dependent) || (restarts && outlives(database, dependent, service))) continue;
    broken(machine, 'stopped', service, 'under', dependent);
  }
}

function broken({ clock, database }: Machine, verb: string, service: ServiceId, how: string, other: ServiceId): never {
  const { names } = database;
  throw new RuleBroken(`at ${clock.monotonic()}: ${verb} ${names[service]} ${how} ${names[other]}`);
}

function outlives(database: Database, dependent: ServiceId, need: ServiceId): boolean {
  const index = targetsOf(database.needs, dependent).indexOf(need);
  return ON_DEPENDENCY_RESTART[database.needsOnRestart[database.needs.offsets[dependent]! + index]!] !== 'restart';
}
