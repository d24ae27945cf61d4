/** Locks of the services of a simulated machine, held by clients that may die. */

import type { Contention, Lease, Watch } from '../../src/execute/ports.ts';
import { type ServiceId, serviceId } from '../../src/model/database.ts';
import { failure, type Result, success } from '../../src/result.ts';
import type { VirtualClock } from './virtual-clock.ts';

interface Waiter {
  readonly service: ServiceId;
  readonly freed: () => void;
}

export class Locks {
  /** The client that has each service for itself. */
  private readonly exclusive: (string | undefined)[];
  /** How often each client shares each service. */
  private readonly shared: Map<string, number>[];
  private readonly waiters = new Set<Waiter>();

  constructor(
    services: number,
    private readonly clock: VirtualClock,
  ) {
    this.exclusive = Array.from({ length: services }, () => undefined);
    this.shared = Array.from({ length: services }, () => new Map());
  }

  holds(client: string, service: ServiceId): boolean {
    return this.exclusive[service] === client;
  }

  tryLock(client: string, exclusive: ServiceId, shared: readonly ServiceId[]): Result<Lease, Contention> {
    const blocked = this.blockedBy(client, exclusive, shared);
    if (blocked !== undefined) return failure({ ...blocked, deadlock: false });
    this.exclusive[exclusive] = client;
    for (const service of shared) this.shared[service]!.set(client, (this.shared[service]!.get(client) ?? 0) + 1);
    return success({
      release: () => {
        if (this.exclusive[exclusive] === client) this.exclusive[exclusive] = undefined;
        for (const service of shared) this.dropShared(client, service);
        this.freed([exclusive, ...shared]);
      },
    });
  }

  private dropShared(client: string, service: ServiceId): void {
    const left = (this.shared[service]!.get(client) ?? 0) - 1;
    if (left > 0) this.shared[service]!.set(client, left);
    else this.shared[service]!.delete(client);
  }

  private blockedBy(
    client: string,
    exclusive: ServiceId,
    shared: readonly ServiceId[],
  ): { readonly service: ServiceId; readonly holder: string } | undefined {
    const owner = this.exclusive[exclusive];
    if (owner !== undefined) return { service: exclusive, holder: owner };
    for (const holder of this.shared[exclusive]!.keys()) if (holder !== client) return { service: exclusive, holder };
    for (const service of shared) {
      const holder = this.exclusive[service];
      if (holder !== undefined && holder !== client) return { service, holder };
    }
    return undefined;
  }

  whenFree({ service }: Contention, freed: () => void): Watch {
    const waiter: Waiter = { service, freed };
    this.waiters.add(waiter);
    return { close: () => this.waiters.delete(waiter) };
  }

  private freed(services: readonly ServiceId[]): void {
    for (const waiter of [...this.waiters]) {
      if (!services.includes(waiter.service)) continue;
      this.clock.after(0, () => {
        if (this.waiters.has(waiter)) waiter.freed();
      });
    }
  }

  /** The kernel releases what a dead process held. */
  releaseAllOf(client: string): void {
    for (const [service, owner] of this.exclusive.entries()) if (owner === client) this.exclusive[service] = undefined;
    for (const holders of this.shared) holders.delete(client);
    this.freed([...this.exclusive.keys()].map(serviceId));
  }

  /** Locks that somebody holds. */
  held(): number {
    return (
      this.exclusive.filter((owner) => owner !== undefined).length + this.shared.reduce((n, { size }) => n + size, 0)
    );
  }

  /** Those who wait for a lock, and have not given it up. */
  waiting(): number {
    return this.waiters.size;
  }
}
