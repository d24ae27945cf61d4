/** A live directory for changing what is up: its database cannot be replaced meanwhile. */
import { isUnsettled } from '@muster/core/instances/instance-set';
import { failure, type Result, success } from '@muster/core/result';
import { isInterrupted } from '@muster/store/live/journal';
import type { LockFile } from '@muster/store/live/lock-file';
import { type KeptLive, openLiveForChange } from '@muster/store/live/open';
import type { Caller } from '../caller.ts';
import { CANCELLED, type Hindrance } from '../problems.ts';
import type { DatabaseWait, Patience } from './database-wait.ts';
import { orLetGo } from './let-go.ts';
import { type KnownDatabase, type Opened, withDatabase } from './read.ts';
import { reviveTree } from './revive.ts';

/** A live directory whose database stays what it is until `lock` is closed. */
export interface Changing extends Opened {
  readonly lock: LockFile;
}

/**
 * Waits while an update replaces the database, as long as `patience` allows, and says so. Supervisors that were killed run
 * again when this resolves.
 */
export async function openForChanging(
  root: string,
  patience: Patience,
  caller: Caller,
  known: KnownDatabase | null = null,
): Promise<Result<Changing, Hindrance>> {
  let waiting: DatabaseWait | undefined;
  for (;;) {
    if (caller.signal.aborted) return failure(CANCELLED);
    const kept = openLiveForChange(root);
    if (kept.ok) {
      const { live, lock } = kept.value;
      if (!isInterrupted(live.paths)) return await orLetGo(lock, () => openKept(kept.value, patience, caller, known));
      lock.close();
      const { recoverInterrupted } = await import('./update.ts');
      const hindered = await recoverInterrupted(root, patience, caller);
      if (hindered !== null) return failure(hindered);
      continue;
    }
    if (kept.problem.kind === 'unusable') return failure(kept.problem);
    const { DatabaseWait } = await import('./database-wait.ts');
    waiting ??= new DatabaseWait(root, patience, caller);
    const hindered = await waiting.moment(kept.problem.holder);
    if (hindered !== null) return failure(hindered);
  }
}

async function openKept(
  { live, lock }: KeptLive,
  { deadline }: Patience,
  caller: Caller,
  known: KnownDatabase | null,
): Promise<Result<Changing, Hindrance>> {
  const opened = withDatabase(live, known);
  if (!opened.ok) {
    lock.close();
    return opened;
  }
  const changing = { ...opened.value, lock };
  await reviveTree(changing, deadline, caller);
  if (!isUnsettled(changing.instances)) return success(changing);
  const { settledOrLetGo } = await import('../instances/open.ts');
  return await settledOrLetGo(changing, deadline, caller);
}
