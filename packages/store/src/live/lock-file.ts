/** How the bytes of `lock` are shared out: byte i is service i; far beyond any service lie two more. */
import type { ServiceId } from '@muster/core/model/database';
import { type Range, RangeLocks } from '@muster/posix/lock';

const DATABASE: Range = { start: 2 ** 40, length: 1 };
const LAYOUT: Range = { start: 2 ** 40 + 1, length: 1 };

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
    return this.ranges.holder({ start: 0, length: DATABASE.start });
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
