/** A command that changes a machine: its ports, and its death. */
import type { Event, Ports, Watch } from '../../src/execute/ports.ts';
import type { ServiceId } from '../../src/model/database.ts';
import type { Machine, Request } from './machine.ts';

/** Thrown through the client when it is killed: what its objects remember is gone. */
export class Killed extends Error {}

export interface Guard {
  /** Before the machine is asked; may throw to say that a rule is broken. */
  onRequest(client: Client, service: ServiceId, request: Request): void;
}

export class Client {
  readonly events: Event[] = [];
  readonly ports: Ports;
  isDead = false;
  private readonly watches: Watch[] = [];
  private calls = 0;
  onDeath: (() => void) | undefined;
  /** The call to the world at which it is killed. */
  fatalCall = Number.POSITIVE_INFINITY;

  constructor(
    readonly machine: Machine,
    readonly pid: number,
    private readonly guard?: Guard,
  ) {
    const name = `change ${pid}`;
    this.ports = {
      supervisor: {
        observe: (service) => this.alive(() => machine.observe(service)),
        life: (seen) => machine.clock.now() - Math.max(seen.since, seen.readySince),
        watch: (services, changed) =>
          this.alive(() => this.keep(machine.watch(services, (service) => this.woken(() => changed(service))))),
        start: (service) => this.ask(service, 'start'),
        stop: (service) => this.ask(service, 'stop'),
        reload: (service) => this.ask(service, 'reload'),
        kill: (service) => this.ask(service, 'kill'),
        remains: () => [],
        isUnread: (service) => this.alive(() => machine.isUnread(service)),
        withdraw: (service) => this.alive(() => machine.withdraw(service)),
      },
      clock: {
        now: () => machine.clock.now(),
        monotonic: () => machine.clock.monotonic(),
        after: (delay, ring) => machine.clock.after(delay, () => this.woken(ring)),
      },
      records: {
        read: (service) => machine.records[service]!,
        wish: (service, wanted) =>
          this.alive(() => {
            machine.records[service] = { ...machine.records[service]!, wanted, wantedBy: pid };
          }),
        write: (service, deed) =>
          this.alive(() => {
            if (!machine.locks.holds(name, service))
              throw new Error(`wrote what was done to ${service} without its lock`);
            machine.records[service] = { ...machine.records[service]!, ...deed };
          }),
      },
      locks: {
        tryLock: (exclusive, shared) => this.alive(() => machine.locks.tryLock(name, exclusive, shared)),
        whenFree: (contention, freed) =>
          this.alive(() => this.keep(machine.locks.whenFree(contention, () => this.woken(freed)))),
      },
      events: { emit: (event) => this.events.push(event) },
    };
  }

  private ask(service: ServiceId, request: Request): void {
    this.alive(() => {
      if (!this.machine.locks.holds(`change ${this.pid}`, service))
        throw new Error(`moved ${service} without its lock`);
      this.guard?.onRequest(this, service, request);
      this.machine.request(service, request);
    });
  }

  /** Every call into the world is a moment at which the process may be killed, before it has any effect. */
  private alive<Result>(call: () => Result): Result {
    if (this.isDead) throw new Killed();
    if (++this.calls >= this.fatalCall) {
      this.kill();
      throw new Killed();
    }
    return call();
  }

  /** Its death stops the client, and nobody else. */
  private woken(act: () => void): void {
    if (this.isDead) return;
    try {
      act();
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    }
  }

  private keep(watch: Watch): Watch {
    this.watches.push(watch);
    return watch;
  }

  kill(): void {
    this.isDead = true;
    this.onDeath?.();
    for (const watch of this.watches) watch.close();
    this.machine.locks.releaseAllOf(`change ${this.pid}`);
  }
}
