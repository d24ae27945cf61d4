/**
 * Carrying out an update.
 *
 *     staged ──journal──▶ stopping ──everything is down──▶ swapped ──published, supervised──▶ starting ──▶ done
 *                            │                             (one rename)                          │
 *                            ▼ a service does not stop, no space, cancelled                      ▼ one fails
 *                         undone: what was stopped is started again                      done, with failures
 *
 * Whatever can fail for want of space or permission is staged before the journal is written; killed before that, nothing has
 * happened. Killed later, `recover` (recover.ts) does what this would have done next, from the journal alone.
 */
import type { ExecuteOptions } from '@muster/core/execute/executor';
import { isSuccess, NOTHING, type Outcome } from '@muster/core/execute/outcome';
import type { InstanceSet } from '@muster/core/instances/instance-set';
import { baseCount } from '@muster/core/instances/overlay';
import { type Database, entryOf, everyService, nameOf } from '@muster/core/model/database';
import { staleName, type UpdateDocument } from '@muster/core/plan/update/document';
import { type Identity, NOBODY } from '@muster/core/plan/update/identity';
import { asPlan, type UpdatePlan } from '@muster/core/plan/update/update';
import { type Deadline, deadlineIn, NO_DEADLINE, within } from '@muster/posix/deadline';
import { unstage } from '@muster/store/live/arrangement/arrangement';
import { ensureRoom, stage } from '@muster/store/live/arrangement/stage';
import type { Renames } from '@muster/store/live/generations';
import { type Journal, writeJournal } from '@muster/store/live/journal';
import {
  discardDatabase,
  discardStaged,
  isSwapped,
  stageDatabase,
  swapDatabase,
} from '@muster/store/live/next-database';
import { dropStaged, type StagedFile } from '@muster/store/write-file';
import { scandirOf, supervisorFor } from '@muster/supervisors/supervisor-table';
import type { Caller } from '../caller.ts';
import { carriedRecords } from './carried-records.ts';
import { complete, tryToPlace } from './complete.ts';
import type { UpdateContext } from './context.ts';
import { runPlan } from './run-plan.ts';
import { undo } from './undo.ts';
import { wantedArrangement } from './wanted-arrangement.ts';

/** Milliseconds that undoing an update with a time limit may take. */
const UNDO_PATIENCE = 10_000;

export interface UpdateOrder {
  readonly next: Database;
  /** What is laid over it. */
  readonly instances: InstanceSet;
  readonly bytes: Uint8Array;
  /** Permissions of the file that holds them. */
  readonly mode: number;
  /** Of `bytes`: the name of the directory below `databases/`. */
  readonly hash: string;
  readonly plan: UpdatePlan;
  readonly document: UpdateDocument;
  /** Put in its place, or dropped, with what is done here. */
  readonly compiled?: StagedFile;
  readonly deadline: Deadline;
}

export type UpdateResult =
  | {
      readonly kind: 'updated';
      readonly down: Outcome;
      readonly up: Outcome;
      readonly silent: readonly string[];
      readonly unplaced: Error | null;
    }
  /** Everything is as it was, but for what `back` could not bring up again. `error`: what the system refused. */
  | {
      readonly kind: 'undone';
      readonly down: Outcome | null;
      readonly back: Outcome;
      readonly error: Error | null;
    };

/** `context.lock` keeps everybody else from changing anything, until the caller closes it. */
export async function carryOut(context: UpdateContext, order: UpdateOrder, caller: Caller): Promise<UpdateResult> {
  if (isNothing(context, order)) {
    const unplaced = order.compiled === undefined ? null : tryToPlace(order.compiled);
    return { kind: 'updated', down: NOTHING, up: NOTHING, silent: [], unplaced };
  }
  const journal = prepare(context, order, caller);
  const stops: ExecuteOptions = { forced: order.document.options.stopEssentials, ...within(order.deadline) };
  let down: Outcome | null = null;
  let error: Error | null = null;
  try {
    down = await runPlan(context, asPlan(order.plan.down), caller, stops);
    if (isSuccess(down)) swap(context, order, journal);
  } catch (thrown) {
    error = thrown as Error;
  }
  if (down === null || error !== null || !isSuccess(down)) {
    return { kind: 'undone', down, back: await undo(context, journal, onTheWayBack(caller), graceFor(order)), error };
  }
  const { up, silent, unplaced } = await complete(context, journal, caller, order.deadline);
  return { kind: 'updated', down, up, silent, unplaced };
}

function isNothing({ live, database }: UpdateContext, { hash, next, plan }: UpdateOrder): boolean {
  if (hash !== live.generation || plan.down.length + plan.up.length > 0) return false;
  return renamesOf(database, next, plan.identity).length === 0;
}

/** Of services that go on: their names before and after, where these differ. */
function renamesOf(old: Database, next: Database, { successor }: Identity): Renames {
  return everyService(old).flatMap((from) => {
    const to = entryOf(successor, from);
    if (to === NOBODY || nameOf(next, to) === nameOf(old, from)) return [];
    return [[nameOf(old, from), nameOf(next, to)] as const];
  });
}

/** What made it go back does not keep it from that; only what comes later does. */
function onTheWayBack(caller: Caller): Caller {
  return caller.signal.aborted ? { ...caller, signal: new AbortController().signal } : caller;
}

/** Going back takes time of its own: what was stopped has to come up again. Only who set a limit is not kept for ever. */
function graceFor({ deadline }: UpdateOrder): Deadline {
  return deadline === NO_DEADLINE ? NO_DEADLINE : deadlineIn(UNDO_PATIENCE);
}

/** Throws what the system refuses; then nothing is left of it. */
function prepare({ live, database }: UpdateContext, order: UpdateOrder, { command, muster }: Caller): Journal {
  const { paths, generation } = live;
  const { next, plan, bytes, mode, hash, instances } = order;
  const renames = renamesOf(database, next, plan.identity);
  try {
    const supervisor = supervisorFor(live);
    const target = { supervisor, live: paths.root, muster };
    const arrangement = stage(paths, scandirOf(live), wantedArrangement(database, next, plan.identity, target));
    if (hash !== generation || renames.length > 0)
      stageDatabase(paths, hash, bytes, { mode, services: baseCount(next, instances), instances });
    ensureRoom(paths, plan.down.length + plan.up.length);
    const journal: Journal = {
      version: 1,
      command,
      began: Date.now(),
      from: generation,
      to: hash,
      plan: order.document,
      arrangement,
      renames,
      compiled: order.compiled ?? null,
    };
    writeJournal(paths.journal, journal);
    return journal;
  } catch (error) {
    if (order.compiled !== undefined) dropStaged(order.compiled);
    discardStaged(paths);
    if (hash !== generation) discardDatabase(paths, hash);
    unstage(paths);
    throw error;
  }
}

function swap({ live, database, records }: UpdateContext, order: UpdateOrder, journal: Journal): void {
  if (isSwapped(live.paths, journal, live.generation)) return;
  const { next, instances, plan, hash, document } = order;
  const stale = new Set(document.base.stale.map(staleName));
  const all = carriedRecords(database, next, plan, records.readAll(), stale);
  const count = baseCount(next, instances);
  swapDatabase(live.paths, hash, { own: all.slice(0, count), ofInstances: all.slice(count) });
}
