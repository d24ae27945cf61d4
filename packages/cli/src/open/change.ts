/** A live directory for changing what is up: its database cannot be replaced meanwhile. */
import type { Database } from '@muster/core/model/database';
import { isInterrupted } from '@muster/store/live/journal';
import type { LockFile } from '@muster/store/live/lock-file';
import { type Live, openLiveForChange, type Refused } from '@muster/store/live/open';
import type { StateFile } from '@muster/store/live/state';
import { withDatabase } from './read.ts';
import { reviveOrClose } from './revive.ts';
import type { Busy, Patience, Waiting } from './waiting.ts';

/** A live directory whose database stays what it is until `lock` is closed. */
export interface Changing {
  readonly kind: 'changing';
  readonly live: Live;
  readonly database: Database;
  readonly records: StateFile;
  readonly lock: LockFile;
}

/**
 * Waits while an update replaces the database, as long as `patience` allows, and says so. Supervisors that were killed run
 * again when this resolves.
 */
export async function openForChanging(root: string, patience: Patience): Promise<Changing | Busy | Refused> {
  let waiting: Waiting | undefined;
  for (;;) {
    const kept = openLiveForChange(root);
    if (kept.kind === 'refused') return kept;
    if (kept.kind === 'kept' && isInterrupted(kept.live.paths)) {
      kept.lock.close();
      const { mendInterrupted } = await import('./update.ts');
      const hindered = await mendInterrupted(root, patience);
      if (hindered !== null) return hindered;
      continue;
    }
    if (kept.kind === 'kept') {
      const opened = withDatabase(kept.live);
      if (opened.kind === 'opened') {
        await reviveOrClose({ ...opened, lock: kept.lock }, patience.deadline);
        return { ...opened, kind: 'changing', lock: kept.lock };
      }
      kept.lock.close();
      return opened;
    }
    const { Waiting } = await import('./waiting.ts');
    waiting ??= new Waiting(root, patience);
    const busy = await waiting.moment(kept.holder);
    if (busy !== null) return busy;
  }
}
