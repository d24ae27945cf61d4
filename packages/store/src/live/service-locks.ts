/** The engine's locks of services, on the bytes of `lock`. They never wait; `whenFree` looks again and again. */
import type { Contention, Lease, Locks, Watch } from '@muster/core/execute/ports';
import type { ServiceId } from '@muster/core/model/database';
import { type AnnouncedChange, holderName } from './changes.ts';
import { isWaitingForItself } from './deadlock.ts';
import { byteOf, type LockFile } from './lock-file.ts';

/** Milliseconds between looks at a lock that another process holds: the first, and the longest. */
const FIRST_LOOK = 2;
const LONGEST_LOOK = 32;

export interface LockSurroundings {
  /** The directory `changes` of the live directory. */
  readonly changes: string;
  readonly announced: AnnouncedChange;
  readonly names: readonly string[];
  /** The script or daemon that runs for the service of this name now, or 0 if there is none. */
  pidOf(service: string): number;
}

export class ServiceLocks implements Locks {
  readonly #file: LockFile;
  readonly #around: LockSurroundings;
  readonly #exclusive = new Set<ServiceId>();
  /** How many leases of this process share the service. */
  readonly #shared = new Map<ServiceId, number>();

  constructor(file: LockFile, around: LockSurroundings) {
    this.#file = file;
    this.#around = around;
  }

  tryLock(exclusive: ServiceId, shared: readonly ServiceId[]): Lease | Contention {
    const own = this.#heldHere(exclusive, shared);
    if (own !== null) return { kind: 'contention', service: own, holder: null, deadlock: false };
    if (!this.#file.ranges.tryExclusive(byteOf(exclusive))) return this.#contention(exclusive);
    const taken: ServiceId[] = [];
    for (const service of shared) {
      if (this.#share(service)) {
        taken.push(service);
        continue;
      }
      this.#file.ranges.unlock(byteOf(exclusive));
      for (const other of taken) this.#unshare(other);
      return this.#contention(service);
    }
    this.#exclusive.add(exclusive);
    return { kind: 'lease', release: () => this.#release(exclusive, taken) };
  }

  whenFree(contention: Contention, freed: () => void): Watch {
    const { service } = contention;
    let delay = FIRST_LOOK;
    let timer: Timer;
    const look = () => {
      if (this.#heldHere(service, []) === null && this.#file.ranges.holder(byteOf(service)) === null) {
        this.#around.announced.endWaiting(this.#around.names[service]!);
        freed();
        return;
      }
      delay = Math.min(delay * 2, LONGEST_LOOK);
      timer = setTimeout(look, delay);
    };
    timer = setTimeout(look, delay);
    return {
      close: () => {
        clearTimeout(timer);
        this.#around.announced.endWaiting(this.#around.names[service]!);
      },
    };
  }

  #heldHere(exclusive: ServiceId, shared: readonly ServiceId[]): ServiceId | null {
    if (this.#exclusive.has(exclusive) || this.#shared.has(exclusive)) return exclusive;
    return shared.find((service) => this.#exclusive.has(service)) ?? null;
  }

  #share(service: ServiceId): boolean {
    const holders = this.#shared.get(service) ?? 0;
    if (holders === 0 && !this.#file.ranges.tryShared(byteOf(service))) return false;
    this.#shared.set(service, holders + 1);
    return true;
  }

  #unshare(service: ServiceId): void {
    const holders = this.#shared.get(service)!;
    if (holders > 1) {
      this.#shared.set(service, holders - 1);
      return;
    }
    this.#shared.delete(service);
    this.#file.ranges.unlock(byteOf(service));
  }

  #release(exclusive: ServiceId, shared: readonly ServiceId[]): void {
    this.#exclusive.delete(exclusive);
    this.#file.ranges.unlock(byteOf(exclusive));
    for (const service of shared) this.#unshare(service);
  }

  /** Announced before it is judged: of two changes that begin to wait for each other, at least one sees the other. */
  #contention(service: ServiceId): Contention {
    const { announced, changes, names, pidOf } = this.#around;
    const name = names[service]!;
    announced.beginWaiting(name);
    const holder = this.#file.ranges.holder(byteOf(service));
    return {
      kind: 'contention',
      service,
      holder: holderName(changes, holder),
      deadlock: isWaitingForItself(name, changes, pidOf),
    };
  }
}
