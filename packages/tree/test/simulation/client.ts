/** A command that changes a machine: the ports of the engine, and its death. */
import type { Event, Ports, Watch } from '@muster/core/execute/ports';
import type { ServiceId } from '@muster/core/model/database';
import { Killed } from '@muster/core/test/simulation/client';
import { checkOrder, type Permissions } from './dependencies.ts';
import type { Machine, Request } from './machine.ts';

export class Client {
  readonly events: Event[] = [];
  readonly ports: Ports;
  isDead = false;
  onDeath: (() => void) | undefined;
  /** The call to the world at which it is killed. */
  fatalCall = Number.POSITIVE_INFINITY;
  readonly #machine: Machine;
  readonly #name: string;
  readonly #watches: Watch[] = [];
  readonly #said = new Set<string>();
  #calls = 0;

  constructor(
    machine: Machine,
    readonly pid: number,
    readonly permissions: Permissions,
  ) {
    this.#machine = machine;
    const name = `change ${pid}`;
    this.#name = name;
    this.ports = {
      supervisor: {
        observe: (service) => this.#alive(() => machine.observe(service)),
        life: (seen) => machine.lifeOf(seen),
        watch: (services, changed) =>
          this.#alive(() => this.#keep(machine.watch(services, (service) => this.#woken(() => changed(service))))),
        start: (service) => this.#order(service, 'start'),
        stop: (service) => this.#order(service, 'stop'),
        reload: (service) => this.#order(service, 'reload'),
        kill: () => {},
        remains: () => [],
        isUnread: (service) => this.#alive(() => machine.isUnread(service)),
        withdraw: (service) => this.#alive(() => machine.withdraw(service)),
      },
      clock: {
        now: () => machine.clock.now(),
        monotonic: () => machine.clock.monotonic(),
        after: (delay, ring) => machine.clock.after(delay, () => this.#woken(ring)),
      },
      records: {
        read: (service) => machine.records[service]!,
        wish: (service, wanted) =>
          this.#alive(() => {
            machine.records[service] = { ...machine.records[service]!, wanted, wantedBy: pid };
          }),
        write: (service, deed) =>
          this.#alive(() => {
            machine.records[service] = { ...machine.records[service]!, ...deed };
          }),
      },
      locks: {
        tryLock: (exclusive, shared) => this.#alive(() => machine.locks.tryLock(name, exclusive, shared)),
        whenFree: (contention, freed) =>
          this.#alive(() => this.#keep(machine.locks.whenFree(contention, () => this.#woken(freed)))),
      },
      events: { emit: (event) => this.events.push(event) },
    };
  }

  kill(): void {
    this.isDead = true;
    this.onDeath?.();
    for (const watch of this.#watches) watch.close();
    this.#machine.locks.releaseAllOf(this.#name);
  }

  #order(service: ServiceId, request: Request): void {
    this.#alive(() => {
      const order = `${request} ${service} ${this.#machine.records[service]!.began}`;
      checkOrder(this.#machine, service, request, { ...this.permissions, isReminder: this.#said.has(order) });
      this.#said.add(order);
      this.#machine.order(service, request);
    });
  }

  /** Every call into the world is a moment at which the process may be killed, before it has any effect. */
  #alive<Result>(call: () => Result): Result {
    if (this.isDead) throw new Killed();
    if (++this.#calls >= this.fatalCall) {
      this.kill();
      throw new Killed();
    }
    return call();
  }

  /** Its death stops the client, and nobody else. */
  #woken(act: () => void): void {
    if (this.isDead) return;
    try {
      act();
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    }
  }

  #keep(watch: Watch): Watch {
    this.#watches.push(watch);
    return watch;
  }
}
