/** Before the swap: everything as it was. */
import type { Outcome } from '@muster/core/execute/outcome';
import { type Deadline, within } from '@muster/posix/deadline';
import { unstage } from '@muster/store/live/arrangement/arrangement';
import { type Journal, removeJournal } from '@muster/store/live/journal';
import { discardDatabase, discardStaged } from '@muster/store/live/next-database';
import { dropStaged } from '@muster/store/write-file';
import { supervisorFor } from '@muster/supervisors/supervisor-table';
import type { Caller } from '../caller.ts';
import type { UpdateContext } from './context.ts';
import { planStarts } from './plan-starts.ts';
import { runPlan } from './run-plan.ts';

/**
 * Starts again what `journal`'s update has stopped, and forgets the update; not if time ran out: then whoever comes next goes
 * on with it, with `keepUnfinished` also if it was called off. Can be begun again at any point.
 */
export async function undo(
  context: UpdateContext,
  journal: Journal,
  caller: Caller,
  deadline: Deadline,
  { keepUnfinished = false }: { readonly keepUnfinished?: boolean } = {},
): Promise<Outcome> {
  const { live, database, records } = context;
  const supervisor = supervisorFor(live);
  await supervisor.revive(live, database, caller.muster, deadline);
  supervisor.attach(live, database, caller.muster);
  const wasUp = new Set(journal.plan.base.up);
  const stopped = journal.plan.transitions.filter(({ action, service }) => action === 'down' && wasUp.has(service));
  const names = stopped.map(({ service }) => service);
  const starts = planStarts(database, names, (service) => records.read(service).wanted !== 'no');
  const outcome = await runPlan(context, starts, { ...caller, command: journal.command }, within(deadline));
  if (outcome.end === 'timed-out' || (keepUnfinished && outcome.end === 'cancelled')) return outcome;
  const { paths } = live;
  if (journal.compiled !== null) dropStaged(journal.compiled);
  discardStaged(paths);
  if (journal.to !== live.generation) discardDatabase(paths, journal.to);
  unstage(paths);
  removeJournal(paths.journal);
  return outcome;
}
