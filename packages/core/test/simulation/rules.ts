/** What must never happen, checked whenever a change asks the machine for something. */
import { targetsOf } from '../../src/graph/edges.ts';
import { type Database, hasFlag, ON_DEPENDENCY_RESTART, ONESHOT, type ServiceId } from '../../src/model/database.ts';
import type { Client, Guard } from './client.ts';
import type { Machine, Request } from './machine.ts';

export class RuleBroken extends Error {}

export interface Permissions {
  readonly forced: boolean;
  readonly restarts: boolean;
}

export class Rules implements Guard {
  /** Somebody died or was interrupted, so that a script may have to run although it ran before. */
  excusesRepetition = false;
  private readonly permissions = new Map<number, Permissions>();

  constructor(private readonly machine: Machine) {}

  permit(pid: number, permissions: Permissions): void {
    this.permissions.set(pid, permissions);
  }

  onRequest(client: Client, service: ServiceId, request: Request): void {
    // Nobody hears it.
    if (!this.machine.treeIsAlive) return;
    if (request === 'start') this.checkStart(service);
    if (request === 'stop') this.checkStop(service, this.permissions.get(client.pid)!);
  }

  private checkStart(service: ServiceId): void {
    const { machine } = this;
    const { database } = machine;
    for (const need of targetsOf(database.needs, service)) {
      if (!machine.isUp(need))
        this.broken(`started ${name(database, service)}, whose need ${name(database, need)} is not up`);
    }
    for (const rival of targetsOf(database.conflicts, service)) {
      if (!machine.isDown(rival)) this.broken(`started ${name(database, service)} beside ${name(database, rival)}`);
    }
    if (database.kinds[service] === ONESHOT && machine.isUp(service) && !this.excusesRepetition) {
      this.broken(`ran the script of ${name(database, service)}, which is up`);
    }
  }

  private checkStop(service: ServiceId, { forced, restarts }: Permissions): void {
    const { machine } = this;
    const { database } = machine;
    const record = machine.records[service]!;
    const cleansUp = record.transition === 'up' && record.phase === 'failed';
    if (!machine.isUp(service) || cleansUp) return;
    if (!forced && hasFlag(database, service, 'essential')) {
      this.broken(`stopped ${name(database, service)}, which is essential`);
    }
    for (const dependent of targetsOf(database.neededBy, service)) {
      if (machine.isDown(dependent) || (restarts && outlives(database, dependent, service))) continue;
      this.broken(`stopped ${name(database, service)} under ${name(database, dependent)}`);
    }
  }

  private broken(what: string): never {
    throw new RuleBroken(`at ${this.machine.clock.now()}: ${what}`);
  }
}

function outlives(database: Database, dependent: ServiceId, need: ServiceId): boolean {
  const index = targetsOf(database.needs, dependent).indexOf(need);
  return ON_DEPENDENCY_RESTART[database.needsOnRestart[database.needs.offsets[dependent]! + index]!] !== 'restart';
}

function name(database: Database, service: ServiceId): string {
  return database.names[service]!;
}
