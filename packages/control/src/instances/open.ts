/** A live directory for changing which instances it has. A boot that is under way is not waited for, and does not wait. */
import { isUnsettled } from '@muster/core/instances/instance-set';
import { failure, type Result, success } from '@muster/core/result';
import { type Deadline, timeLeft } from '@muster/posix/deadline';
import { holderName } from '@muster/store/live/changes';
import type { LockFile } from '@muster/store/live/lock-file';
import { type Live, openLive } from '@muster/store/live/open';
import type { Caller } from '../caller.ts';
import type { Changing } from '../open/change.ts';
import type { Patience } from '../open/database-wait.ts';
import { orLetGo } from '../open/let-go.ts';
import { type Opened, withDatabase } from '../open/read.ts';
import { type Busy, CANCELLED, type Cancelled, type Hindrance, unusable } from '../problems.ts';
import { settle } from './settle.ts';

/** Milliseconds between looks at a lock that is held for moments. */
const LOOK = 3;

/** Until its lock is closed nobody else replaces the set. `changing`: open for changing what is up; closed if this fails, or throws. */
export async function withInstancesLocked(
  { live, lock, records }: Changing,
  patience: Patience,
  caller: Caller,
): Promise<Result<Changing, Hindrance>> {
  records.close();
  return await orLetGo(lock, async () => {
    const hindered = await takeInstances(live, lock, patience, caller);
    const opened = hindered === null ? reopen(live.paths.root) : failure(hindered);
    if (!opened.ok) {
      lock.close();
      return opened;
    }
    if (!isUnsettled(opened.value.instances)) return success({ ...opened.value, lock });
    opened.value.records.close();
    await settle(opened.value, caller.muster, patience.deadline);
    const settled = reopen(live.paths.root);
    if (settled.ok) return success({ ...settled.value, lock });
    lock.close();
    return settled;
  });
}

async function takeInstances(
  { paths }: Live,
  lock: LockFile,
  { noWait, deadline }: Patience,
  { signal }: Caller,
): Promise<Busy | Cancelled | null> {
  while (!lock.tryInstances()) {
    if (signal.aborted) return CANCELLED;
    const late = timeLeft(deadline) === 0;
    if (noWait || late) {
      const holder = holderName(paths.changes, lock.instancesHolder()) ?? 'another command';
      return { kind: 'busy', holder, inside: null, late: late && !noWait };
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK));
  }
  return null;
}

function reopen(root: string): Result<Opened, Hindrance> {
  const live = openLive(root);
  return live.ok ? withDatabase(live.value) : failure(unusable(live.problem));
}

/** On the way to changing something: what a killed command has left of instances is seen to. `changing` is open, or closed if this fails. */
export async function settledOrLetGo(
  changing: Changing,
  deadline: Deadline,
  caller: Caller,
): Promise<Result<Changing, Hindrance>> {
  const settled = await withInstancesLocked(changing, { noWait: false, deadline }, caller);
  if (settled.ok) settled.value.lock.freeInstances();
  return settled;
}
