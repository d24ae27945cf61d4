/** Running a plan on a live directory that nobody else changes meanwhile. */
import { type ExecuteOptions, execute } from '@muster/core/execute/executor';
import type { Outcome } from '@muster/core/execute/outcome';
import type { Plan } from '@muster/core/plan/plan';
import type { Caller } from '../caller.ts';
import { cancelOn } from '../cancellation.ts';
import { announceChange } from '../change/announced.ts';
import { lendingOf } from '../lending.ts';
import type { UpdateContext } from './context.ts';

export async function runPlan(
  context: UpdateContext,
  plan: Plan<unknown>,
  caller: Caller,
  options: ExecuteOptions = {},
): Promise<Outcome> {
  const { database } = context;
  const { events, muster, signal, command } = caller;
  const lending = lendingOf(database, caller, { emit: (step) => events.emit({ event: 'step', database, step }) });
  const change = await announceChange({ ...context, muster, lend: lending.lend }, command, lending);
  try {
    events.emit({ event: 'begins', database, steps: plan.steps.length });
    const execution = execute(database, plan, change.ports, options);
    return await execution.done.finally(cancelOn(signal, execution));
  } finally {
    change.end();
    lending.end();
  }
}
