/** A live directory for replacing its database; on the way, what a killed update has left is repaired. */
import { isUnsettled } from '@muster/core/instances/instance-set';
import { failure, type Result, success } from '@muster/core/result';
import { forgetDead } from '@muster/store/live/changes';
import { isInterrupted } from '@muster/store/live/journal';
import { LockFile } from '@muster/store/live/lock-file';
import { openLive, outlivedDirectory } from '@muster/store/live/open';
import type { Caller } from '../caller.ts';
import { UNHEARD } from '../events.ts';
import { CANCELLED, type Hindrance, type Unusable, unusable } from '../problems.ts';
import type { UpdateContext } from '../update/context.ts';
import { type Recovery, recover } from '../update/recover.ts';
import { DatabaseWait, type Patience } from './database-wait.ts';
import { orLetGo } from './let-go.ts';
import { withDatabase } from './read.ts';
import { reviveTree } from './revive.ts';

export interface Updating {
  readonly context: UpdateContext;
  /** An update that was interrupted here, and has been seen to. */
  readonly recovery: Recovery | null;
}

/** Waits for changes that are under way, as long as `patience` allows, and says so. */
export async function openForUpdating(
  root: string,
  patience: Patience,
  caller: Caller,
): Promise<Result<Updating, Hindrance>> {
  const waiting = new DatabaseWait(root, patience, caller);
  for (;;) {
    if (caller.signal.aborted) return failure(CANCELLED);
    const seen = openLive(root);
    if (!seen.ok) return failure(unusable(seen.problem));
    if (seen.value.outlived !== null) return failure(unusable(outlivedDirectory(seen.value)));
    const lock = new LockFile(seen.value.paths.lock);
    if (lock.tryReplaceDatabase()) return await orLetGo(lock, () => openRecovered(root, lock, patience, caller));
    const holder = lock.databaseHolder();
    lock.close();
    const hindered = await waiting.moment(holder);
    if (hindered !== null) return failure(hindered);
  }
}

/** Sees to an update that was interrupted, once nobody else changes anything. */
export async function recoverInterrupted(root: string, patience: Patience, caller: Caller): Promise<Hindrance | null> {
  const opened = await openForUpdating(root, patience, caller);
  if (!opened.ok) return opened.problem;
  opened.value.context.records.close();
  opened.value.context.lock.close();
  return null;
}

async function openRecovered(
  root: string,
  lock: LockFile,
  { deadline }: Patience,
  caller: Caller,
): Promise<Result<Updating, Hindrance>> {
  const opened = openContext(root, lock);
  if (!opened.ok) return opened;
  const context = opened.value;
  forgetDead(context.live.paths.changes);
  if (!isInterrupted(context.live.paths)) {
    await reviveTree(context, deadline, caller);
    if (!isUnsettled(context.instances)) return success({ context, recovery: null });
    context.records.close();
    const { settle } = await import('../instances/settle.ts');
    await settle(context, caller.muster, deadline);
    const settled = openContext(root, lock);
    return settled.ok ? success({ context: settled.value, recovery: null }) : settled;
  }
  const recovery = await recover(context, { ...caller, events: UNHEARD }, deadline).finally(() =>
    context.records.close(),
  );
  if (recovery?.late) {
    lock.close();
    if (caller.signal.aborted) return failure(CANCELLED);
    return failure({ kind: 'busy', holder: `the interrupted '${recovery.command}'`, inside: null, late: true });
  }
  if (recovery !== null) caller.events.emit({ event: 'recovered', database: context.database, recovery });
  const again = openContext(root, lock);
  return again.ok ? success({ context: again.value, recovery }) : again;
}

function openContext(root: string, lock: LockFile): Result<UpdateContext, Unusable> {
  const live = openLive(root);
  const opened = live.ok ? withDatabase(live.value) : failure(unusable(live.problem));
  if (opened.ok) return success({ ...opened.value, lock });
  lock.close();
  return opened;
}
