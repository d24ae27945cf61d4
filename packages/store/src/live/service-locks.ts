/** The engine's locks of services, on the bytes of `lock`. They never wait; `whenFree` looks again and again. */

import type { Contention, Lease, Locks, Watch } from '@muster/core/execute/ports';
import { invariant } from '@muster/core/invariant';
import type { ServiceId } from '@muster/core/model/database';
import { failure, type Result, success } from '@muster/core/result';
import type { Range } from '@muster/posix/lock';
import { type AnnouncedChange, holderName } from './changes.ts';
import { isWaitingForItself } from './deadlock.ts';
import type { LockFile } from './lock-file.ts';

/** Milliseconds between looks at a lock that another process holds: the first, and the longest. */
const FIRST_LOOK = 2;
const LONGEST_LOOK = 32;

export interface LockSurroundings {
  /** The directory `changes` of the live directory. */
  readonly changes: string;
  readonly announced: AnnouncedChange;
  readonly names: readonly string[];
  /** Where in the lock file a service is locked. */
  byteOf(service: ServiceId): Range;
  /** The script or daemon that runs for the service of this name now, or 0 if there is none. */
  pidOf(service: string): number;
}

export class ServiceLocks implements Locks {
  readonly #file: LockFile;
  readonly #around: LockSurroundings;
  readonly #exclusive = new Set<ServiceId>();
  /** How many leases of this process share the service. */
  readonly #shared = new Map<ServiceId, number>();
  /** How many wait here for the service, which is announced as long as one does. */
  readonly #waiting = new Map<ServiceId, number>();

  constructor(file: LockFile, around: LockSurroundings) {
    this.#file = file;
    this.#around = around;
  }

  tryLock(exclusive: ServiceId, shared: readonly ServiceId[]): Result<Lease, Contention> {
    const own = this.#heldHere(exclusive, shared);
    if (own !== null) return failure({ service: own, holder: null, deadlock: false });
    if (!this.#file.ranges.tryExclusive(this.#around.byteOf(exclusive))) return failure(this.#contention(exclusive));
    const taken: ServiceId[] = [];
    for (const service of shared) {
      if (this.#share(service)) {
        taken.push(service);
        continue;
      }
      this.#file.ranges.unlock(this.#around.byteOf(exclusive));
      for (const other of taken) this.#unshare(other);
      return failure(this.#contention(service));
    }
    this.#exclusive.add(exclusive);
    return success({ release: () => this.#release(exclusive, taken) });
  }

  whenFree(contention: Contention, freed: () => void): Watch {
    const { service } = contention;
    let delay = FIRST_LOOK;
    let timer: Timer;
    let isWaiting = true;
    this.#waiting.set(service, (this.#waiting.get(service) ?? 0) + 1);
    const endWaiting = () => {
      if (isWaiting) this.#endWaiting(service);
      isWaiting = false;
    };
    const look = () => {
      if (this.#heldHere(service, []) === null && this.#file.ranges.holder(this.#around.byteOf(service)) === null) {
        endWaiting();
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
        endWaiting();
      },
    };
  }

  #endWaiting(service: ServiceId): void {
    const others = (this.#waiting.get(service) ?? 0) - 1;
    invariant(others >= 0, `nobody here waits for ${this.#nameOf(service)}`);
    this.#waiting.set(service, others);
    if (others === 0) this.#around.announced.endWaiting(this.#nameOf(service));
  }

  #nameOf(service: ServiceId): string {
    const name = this.#around.names[service];
    invariant(name !== undefined, `there is no service ${service}`);
    return name;
  }

  #heldHere(exclusive: ServiceId, shared: readonly ServiceId[]): ServiceId | null {
    if (this.#exclusive.has(exclusive) || this.#shared.has(exclusive)) return exclusive;
    return shared.find((service) => this.#exclusive.has(service)) ?? null;
  }

  #share(service: ServiceId): boolean {
    const holders = this.#shared.get(service) ?? 0;
    if (holders === 0 && !this.#file.ranges.tryShared(this.#around.byteOf(service))) return false;
    this.#shared.set(service, holders + 1);
    return true;
  }

  #unshare(service: ServiceId): void {
    const holders = this.#shared.get(service) ?? 0;
    invariant(holders > 0, () => `nobody here shares the lock of ${this.#nameOf(service)}`);
    if (holders > 1) {
      this.#shared.set(service, holders - 1);
      return;
    }
    this.#shared.delete(service);
    this.#file.ranges.unlock(this.#around.byteOf(service));
  }

  #release(exclusive: ServiceId, shared: readonly ServiceId[]): void {
    const isHeld = this.#exclusive.delete(exclusive);
    invariant(isHeld, () => `the lock of ${this.#nameOf(exclusive)} is released twice`);
    this.#file.ranges.unlock(this.#around.byteOf(exclusive));
    for (const service of shared) this.#unshare(service);
  }

  /** Announced before it is judged: of two changes that begin to wait for each other, at least one sees the other. */
  #contention(service: ServiceId): Contention {
    const { announced, changes, pidOf } = this.#around;
    const name = this.#nameOf(service);
    announced.beginWaiting(name);
    const holder = this.#file.ranges.holder(this.#around.byteOf(service));
    return {
      service,
      holder: holderName(changes, holder),
      deadlock: isWaitingForItself(name, changes, pidOf),
    };
  }
}
