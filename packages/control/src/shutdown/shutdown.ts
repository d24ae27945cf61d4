/** Everything down, then the supervisors, then the live directory. */
import { failure, type Result, success } from '@muster/core/result';
import { type Deadline, deadlineIn, NO_DEADLINE, timeLeft } from '@muster/posix/deadline';
import { isRunning, processFacts } from '@muster/posix/process';
import { until } from '@muster/posix/until';
import { isOurLiveDirectory, openLive } from '@muster/store/live/open';
import { Damaged, damaged } from '@muster/store/live/problem';
import { identityOf, removeLive } from '@muster/store/live/remove';
import { detach } from '@muster/supervisors/arrange/detach';
import { forceStop } from '@muster/supervisors/arrange/force-stop';
import type { Caller } from '../caller.ts';
import { type Changing, openForChanging } from '../open/change.ts';
import { clearOutlived } from '../open/outlived.ts';
import { type Busy, CANCELLED, type Cancelled, type Hindrance, type Unusable } from '../problems.ts';
import { isSystemError } from '../thrown.ts';
import { bringDown } from './bring-down.ts';
import { Claims } from './claims.ts';
import { endChanges, nameOfHolder } from './end-changes.ts';

/** Milliseconds that supervisors have to leave once every service is down. */
const PATIENCE = 30_000;
/** Milliseconds that processes have from the request to end. */
const GRACE = 2000;
/** Milliseconds for what a killed update has left to be undone or completed. */
const RECOVERY = 60_000;
/** Milliseconds that another rc-shutdown may need, once the time of services is over, to end all that is left. */
const FORCE = 60_000;
/** Errors that tell nothing about the live directory. */
const NOT_ALLOWED: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EROFS']);

export interface ShutdownRequest {
  /** The live directory. */
  readonly root: string;
  /** Milliseconds for the services; undefined or 0 means no limit. What is not down then is killed with the tree. */
  readonly timeout: number | undefined;
}

/** In all of them the live directory is gone. */
export type ShutdownEnd =
  | 'in-order'
  /** Something did not stop, or could not be told to, and was killed. */
  | 'by-force'
  /** Somebody else has taken it away meanwhile. */
  | 'by-another'
  /** Nothing of it ran any more. */
  | 'outlived';

export type ShutdownProblem =
  | Unusable
  | Busy
  | Cancelled
  /** Time ran out while another rc-shutdown was at it. */
  | { readonly kind: 'late'; readonly holder: string }
  /** There are processes that cannot be killed. */
  | { readonly kind: 'unkillable' };

interface Shutdown {
  readonly root: string;
  /** What the live directory was at the beginning. */
  readonly was: string | null;
  /** For the services. */
  readonly deadline: Deadline;
  /** Of others, on what is needed for it. */
  readonly claims: Claims;
  readonly caller: Caller;
  /** Open until all is over, also by force: another rc-shutdown would begin the same meanwhile. Null before it is. */
  held: Changing | null;
}

type Ended = Result<ShutdownEnd, ShutdownProblem>;

/** A caller that calls it off has what has begun to stop stop, and nothing else. */
export async function shutdown({ root, timeout }: ShutdownRequest, caller: Caller): Promise<Ended> {
  const deadline = deadlineIn(timeout);
  const claims = new Claims(timeout || undefined);
  const order: Shutdown = { root, was: identityOf(root), deadline, claims, caller, held: null };
  try {
    return await shutDown(order);
  } catch (error) {
    if (error instanceof Damaged) return await endByForce(order, error.diagnostic);
    if (isSystemError(error) && !NOT_ALLOWED.has(error.code))
      return await endByForce(order, damaged(root, error.message));
    throw error;
  } finally {
    order.held?.lock.close();
    order.held?.records.close();
  }
}

async function shutDown(order: Shutdown): Promise<Ended> {
  const { root, deadline, claims, caller } = order;
  const patience = {
    noWait: false,
    deadline: deadlineIn(timeLeft(deadline, RECOVERY)),
    press: (pid: number) => claims.press(pid),
  };
  const opened = await openForChanging(root, patience, caller);
  if (!opened.ok) return await endHindered(order, opened.problem);
  const { lock, records } = opened.value;
  if (lock.tryArrange()) {
    order.held = opened.value;
    return await shutDownOpened(opened.value, order);
  }
  const other = lock.arranger() ?? 0;
  // Nothing is held while another one works: it would have to wait for that.
  lock.close();
  records.close();
  const ended = await endOfOther(order, other);
  if (ended === 'removed') return success('by-another');
  return ended === 'late' ? failure({ kind: 'late', holder: nameOfHolder(root, other) }) : await shutDown(order);
}

async function shutDownOpened(opened: Changing, { root, deadline, claims, caller }: Shutdown): Promise<Ended> {
  const { live, database } = opened;
  const { signal } = caller;
  let isDown = await bringDown(opened, deadline, claims, caller);
  if (signal.aborted) return failure(CANCELLED);
  // Changes that began meanwhile have brought something up again, and would start a tree that has ended.
  if (await endChanges(opened, claims, caller)) isDown = await bringDown(opened, deadline, claims, caller);
  if (signal.aborted) return failure(CANCELLED);
  const hasLeft = isDown && (await detach(live, database, PATIENCE));
  if (!hasLeft && !(await forceStop(root, GRACE))) return failure({ kind: 'unkillable' });
  removeLive(root);
  return success(isDown ? 'in-order' : 'by-force');
}

async function endHindered(order: Shutdown, problem: Hindrance): Promise<Ended> {
  const { root, caller } = order;
  switch (problem.kind) {
    case 'cancelled':
      return failure(problem);
    case 'busy':
      if (!problem.late) return failure(problem);
      caller.events.emit({ event: 'overrides', hindrance: problem });
      return await removeByForce(order);
    case 'unusable': {
      const live = openLive(root);
      if (!live.ok || live.value.outlived === null) return await endByForce(order, problem.diagnostic);
      // Pids that it remembers are somebody else's by now.
      caller.events.emit({ event: 'clears-outlived', live: live.value, afresh: false });
      await clearOutlived(root);
      return success('outlived');
    }
  }
}

/** Without the database or the records, nothing can be brought down in order. */
async function endByForce(order: Shutdown, diagnostic: Unusable['diagnostic']): Promise<Ended> {
  const hindrance: Unusable = { kind: 'unusable', diagnostic };
  if (isReplaced(order)) return success('by-another');
  if (!isOurLiveDirectory(order.root)) return failure(hindrance);
  order.caller.events.emit({ event: 'overrides', hindrance });
  return await removeByForce(order);
}

async function removeByForce(order: Shutdown): Promise<Ended> {
  if (isReplaced(order)) return success('by-another');
  if (order.caller.signal.aborted) return failure(CANCELLED);
  order.caller.events.emit({ event: 'forces', root: order.root });
  if (!(await forceStop(order.root, GRACE))) return failure({ kind: 'unkillable' });
  removeLive(order.root);
  return success('by-force');
}

function isReplaced({ root, was }: Shutdown): boolean {
  return was !== null && identityOf(root) !== was;
}

/** Waits for another rc-shutdown, which is ended only if it is stopped. */
async function endOfOther(
  { root, was, deadline, claims, caller }: Shutdown,
  other: number,
): Promise<'removed' | 'left' | 'late'> {
  const { signal, events } = caller;
  events.emit({ event: 'waiting', holder: nameOfHolder(root, other) });
  const { startTime } = processFacts(other) ?? { startTime: 0 };
  const isGone = () => identityOf(root) !== was;
  const limit = deadline === NO_DEADLINE ? deadline : timeLeft(deadline) + FORCE;
  const isOver = () => isGone() || !isRunning(other, startTime) || !claims.pressStopped(other) || signal.aborted;
  await until(isOver, limit);
  if (isGone()) return 'removed';
  return isRunning(other, startTime) && !signal.aborted ? 'late' : 'left';
}
