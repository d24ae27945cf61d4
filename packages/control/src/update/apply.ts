/** Carrying out an update on behalf of a caller, and how it ended. */
import type { Database } from '@muster/core/model/database';
import { failure, type Result, success } from '@muster/core/result';
import type { Deadline } from '@muster/posix/deadline';
import { isInterrupted } from '@muster/store/live/journal';
import type { Live } from '@muster/store/live/open';
import { dropStaged, type StagedFile } from '@muster/store/write-file';
import type { Caller } from '../caller.ts';
import { CANCELLED, type Cancelled } from '../problems.ts';
import { isDamage, isSystemError } from '../thrown.ts';
import { carryOut, type UpdateResult } from './carry-out.ts';
import type { UpdateContext } from './context.ts';
import { wantedAndNotUp } from './not-up.ts';
import type { Planned } from './plan.ts';
import type { Target } from './target.ts';

export interface AppliedUpdate {
  /** As it was before, with the database that was live. */
  readonly live: Live;
  readonly before: Database;
  readonly target: Target;
  readonly result: UpdateResult;
  /** Names of what is wanted, and not up. */
  readonly notUp: readonly string[];
  /** Milliseconds. */
  readonly elapsed: number;
}

/** The system refused something, or the live directory is damaged. */
export interface BrokenOff {
  readonly kind: 'broken-off';
  readonly error: Error;
  readonly isDamage: boolean;
  /** The live directory. */
  readonly root: string;
  /** There is a journal: whoever comes next goes on. Otherwise nothing was changed. */
  readonly isUnderWay: boolean;
}

export interface ApplyOptions {
  readonly deadline: Deadline;
  /** Replaced, if the update is not undone. */
  readonly compiled?: StagedFile;
}

export async function applyUpdate(
  context: UpdateContext,
  target: Target,
  { plan, document, isSettled }: Planned,
  { deadline, compiled }: ApplyOptions,
  caller: Caller,
): Promise<Result<AppliedUpdate, BrokenOff | Cancelled>> {
  const { live, database: before } = context;
  const { events, signal } = caller;
  if (signal.aborted) {
    if (compiled !== undefined) dropStaged(compiled);
    return failure(CANCELLED);
  }
  const began = performance.now();
  const order = {
    next: target.database,
    instances: target.instances,
    bytes: target.bytes,
    mode: target.mode,
    hash: target.hash,
    plan,
    document,
    deadline,
    ...(compiled === undefined ? {} : { compiled }),
  };
  const giveUp = () => events.emit({ event: 'gives-up', shutdown: null });
  signal.addEventListener('abort', giveUp);
  let result: UpdateResult;
  try {
    result = await carryOut(context, order, caller);
  } catch (error) {
    if (!isSystemError(error) && !isDamage(error)) throw error;
    const isUnderWay = isInterrupted(live.paths);
    return failure({ kind: 'broken-off', error, isDamage: !isSystemError(error), root: live.paths.root, isUnderWay });
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
  // The update is over: what keeps this from being known did not break it off.
  const isKnown = result.kind === 'undone' || isSettled === true;
  const notUp = isKnown ? [] : wantedAndNotUp(live.paths.root);
  return success({ live, before, target, result, notUp, elapsed: performance.now() - began });
}
