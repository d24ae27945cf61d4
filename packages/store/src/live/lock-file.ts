/**
 * How the bytes of `lock` are shared out: byte i is service i of the database; far beyond any service lie three more, and
 * beyond those the services of instances, each by its key.
 */
import type { ServiceId } from '@muster/core/model/database';
import { type Range, RangeLocks } from '@muster/posix/lock';

const DATABASE: Range = { start: 2 ** 40, length: 1 };
const LAYOUT: Range = { start: 2 ** 40 + 1, length: 1 };

const INSTANCES: Range = { start: 2 ** 40 + 2, length: 1 };
const FIRST_KEY = 2 ** 41;

/** A key is less than this. */
export const KEYS = 2 ** 40;

/** Of a service of an instance. */
export function byteOfKey(key: number): Range {
  return { start: FIRST_KEY + key, length: 1 };
}

export function byteOf(service: ServiceId): Range {
  return { start: service, length: 1 };
}

/**
 * The lock file of one live directory. A process opens it once (see posix/lock.ts), so everything that locks in a
 * command shares one of these.
 */
export class LockFile {
  readonly ranges: RangeLocks;

  constructor(path: string) {
    this.ranges = new RangeLocks(path);
  }

  /** The database stays the one it is. What every change holds. False if an update is under way. */
  tryKeepDatabase(): boolean {
    return this.ranges.tryShared(DATABASE);
  }

  /** The database may be replaced: what an update holds. False if any change or update is under way. */
  tryReplaceDatabase(): boolean {
    return this.ranges.tryExclusive(DATABASE);
  }

  /** One of those that keep `tryReplaceDatabase` from succeeding. */
  databaseHolder(): number | null {
    return this.ranges.holder(DATABASE);
  }

  /** One of those that hold a service. */
  serviceHolder(): number | null {
    const holder = this.ranges.holder({ start: 0, length: DATABASE.start });
    return holder ?? this.ranges.holder({ start: FIRST_KEY, length: KEYS });
  }

  /** The set of instances may be replaced, by who keeps the database or may replace it. Held for moments. */
  tryInstances(): boolean {
    return this.ranges.tryExclusive(INSTANCES);
  }

  freeInstances(): void {
    this.ranges.unlock(INSTANCES);
  }

  instancesHolder(): number | null {
    return this.ranges.holder(INSTANCES);
  }

  /** Taking the live directory away, one at a time: rc-shutdown, and whoever clears one that has outlived its life. */
  tryArrange(): boolean {
    return this.ranges.tryExclusive(LAYOUT);
  }

  arranger(): number | null {
    return this.ranges.holder(LAYOUT);
  }

  close(): void {
    this.ranges.close();
  }
}
