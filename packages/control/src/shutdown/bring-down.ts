/** Every service down, whoever holds it. */
import { execute } from '@muster/core/execute/executor';
import { isSuccess } from '@muster/core/execute/outcome';
import type { EventSink as StepSink } from '@muster/core/execute/ports';
import { everyService, type ServiceId } from '@muster/core/model/database';
import { planChange } from '@muster/core/plan/change';
import { observedWorld } from '@muster/core/plan/world';
import { type Deadline, within } from '@muster/posix/deadline';
import type { Caller } from '../caller.ts';
import { cancelOn } from '../cancellation.ts';
import { announceChange } from '../change/announced.ts';
import { lendingOf } from '../lending.ts';
import type { Changing } from '../open/change.ts';
import type { Claims } from './claims.ts';

/** Milliseconds between looks at who holds services. */
const LOOK = 50;
/** Milliseconds between words about what takes its time to stop. */
const REMINDER = 5000;

/** Whether all is down. */
export async function bringDown(
  opened: Changing,
  deadline: Deadline,
  claims: Claims,
  caller: Caller,
): Promise<boolean> {
  const { database, lock } = opened;
  const { events, muster, command, signal } = caller;
  const began = performance.now();
  const stopping = new Set<ServiceId>();
  const steps: StepSink = {
    emit: (step) => {
      if (step.event === 'stopping') stopping.add(step.service);
      else stopping.delete(step.service);
      events.emit({ event: 'step', database, step });
    },
  };
  const lending = lendingOf(database, caller, steps);
  const context = await announceChange({ ...opened, muster, lend: lending.lend }, command, lending);
  try {
    const selection = { named: everyService(database), members: [], standing: [] };
    const goal = { goal: 'down', selection, prune: false, release: false, forced: true } as const;
    const plan = planChange(database, observedWorld(context.ports), goal);
    events.emit({ event: 'begins', database, steps: plan.steps.length });
    const execution = execute(database, plan, context.ports, { forced: true, ...within(deadline) });
    const over = cancelOn(signal, execution, () => events.emit({ event: 'gives-up', shutdown: null }));
    const pressing = setInterval(() => {
      const holder = lock.serviceHolder();
      // What nobody can be made to let go is ended with the tree.
      if (holder !== null && !claims.press(holder)) execution.cancel();
    }, LOOK);
    const reminding = setInterval(() => {
      if (stopping.size > 0) events.emit({ event: 'still-stopping', database, services: [...stopping] });
    }, REMINDER);
    const outcome = await execution.done.finally(() => {
      over();
      clearInterval(pressing);
      clearInterval(reminding);
    });
    events.emit({ event: 'ended', database, outcome, elapsed: performance.now() - began });
    return isSuccess(outcome);
  } finally {
    context.end();
    lending.end();
  }
}
