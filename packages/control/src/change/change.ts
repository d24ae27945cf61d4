/** Bringing services up and down. */
import { execute } from '@muster/core/execute/executor';
import type { Outcome } from '@muster/core/execute/outcome';
import type { Database } from '@muster/core/model/database';
import type { Plan } from '@muster/core/plan/plan';
import { failure, type Result, success } from '@muster/core/result';
import { within } from '@muster/posix/deadline';
import type { Live } from '@muster/store/live/open';
import { openSupervisor } from '@muster/supervisors/open-supervisor';
import type { Caller } from '../caller.ts';
import { cancelOn } from '../cancellation.ts';
import type { ControlEventSink } from '../events.ts';
import { lendingOf } from '../lending.ts';
import { type Changing, openForChanging } from '../open/change.ts';
import { type KnownDatabase, openForReading } from '../open/read.ts';
import { CANCELLED, type Hindrance, type LookProblem } from '../problems.ts';
import { announceChange } from './announced.ts';
import { type ChangeRequest, planFor } from './request.ts';

export interface Changed {
  readonly live: Live;
  readonly database: Database;
  /** Also where not all of it was reached: a change has no way back. */
  readonly outcome: Outcome;
  /** Milliseconds since the epoch, and for how many it went on. */
  readonly began: number;
  readonly elapsed: number;
}

export type ChangeProblem = LookProblem | Hindrance;

/**
 * What is asked for, as far as it can be had. Throws what the system refuses, and Damaged or TakenAway. `known`: a database
 * that the caller has read, and which need not be read again if the live directory has that one.
 */
export async function change(
  request: ChangeRequest,
  caller: Caller,
  known: KnownDatabase | null = null,
): Promise<Result<Changed, ChangeProblem>> {
  const opened = await openForChanging(request.root, request, caller, known);
  if (!opened.ok) return opened;
  try {
    return await changeOpened(opened.value, request, caller);
  } finally {
    opened.value.lock.close();
    opened.value.records.close();
  }
}

async function changeOpened(
  opened: Changing,
  request: ChangeRequest,
  caller: Caller,
): Promise<Result<Changed, ChangeProblem>> {
  const { live, database, lock } = opened;
  const { events, signal, muster, command } = caller;
  const began = Date.now();
  const clock = performance.now();
  const lending = lendingOf(database, caller, { emit: (step) => events.emit({ event: 'step', database, step }) });
  const context = await announceChange({ ...opened, muster, lend: lending.lend }, command, lending);
  try {
    const plan = planFor(request, opened, context.ports);
    if (!plan.ok) return plan;
    if (signal.aborted) return failure(CANCELLED);
    events.emit({ event: 'begins', database, steps: plan.value.steps.length });
    const execution = execute(database, plan.value, context.ports, {
      forced: request.forced,
      noWait: request.noWait,
      ...within(request.deadline),
      ...(request.jobs === undefined ? {} : { jobs: request.jobs }),
    });
    const over = cancelOn(signal, execution, () => events.emit({ event: 'gives-up', shutdown: lock.arranger() }));
    const outcome = await execution.done.finally(over);
    return success({ live, database, outcome, began, elapsed: performance.now() - clock });
  } finally {
    context.end();
    lending.end();
  }
}

export interface PlannedChange {
  readonly live: Live;
  readonly database: Database;
  readonly plan: Plan;
}

/** What `change` would do at this moment. */
export function planOfChange(request: ChangeRequest, events: ControlEventSink): Result<PlannedChange, LookProblem> {
  const opened = openForReading(request.root, events);
  if (!opened.ok) return opened;
  const { live, database, records } = opened.value;
  try {
    const plan = planFor(request, opened.value, { records, supervisor: openSupervisor(opened.value) });
    return plan.ok ? success({ live, database, plan: plan.value }) : plan;
  } finally {
    records.close();
  }
}
