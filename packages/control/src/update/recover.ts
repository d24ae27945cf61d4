/** Completing or undoing an update whose command was killed. */
import type { Outcome } from '@muster/core/execute/outcome';
import type { Deadline } from '@muster/posix/deadline';
import { unstage } from '@muster/store/live/arrangement/arrangement';
import { readJournal, removeJournal } from '@muster/store/live/journal';
import { discardStaged, isSwapped } from '@muster/store/live/next-database';
import type { Caller } from '../caller.ts';
import { complete } from './complete.ts';
import type { UpdateContext } from './context.ts';
import { undo } from './undo.ts';

export interface Recovery {
  readonly kind: 'completed' | 'undone';
  /** Time ran out, or the caller has called it off: whoever comes next has to go on with it. */
  readonly late: boolean;
  /** Of the update that was interrupted, and the database that it was going to. */
  readonly command: string;
  readonly target: string;
  readonly began: number;
  readonly outcome: Outcome;
  /** See `Completion`. */
  readonly unplaced: Error | null;
}

/** Null if there is nothing to recover. `context.lock` keeps everybody else from changing anything. */
export async function recover(context: UpdateContext, caller: Caller, deadline: Deadline): Promise<Recovery | null> {
  const { paths, generation } = context.live;
  const journal = readJournal(paths.journal);
  if (journal === null) {
    discardStaged(paths);
    unstage(paths);
    removeJournal(paths.journal);
    return null;
  }
  const { command, began, to: target } = journal;
  if (isSwapped(context.live.paths, journal, generation)) {
    const { up, unplaced } = await complete(context, journal, caller, deadline, { keepUnfinished: true });
    return { kind: 'completed', late: up.end !== 'finished', command, target, began, outcome: up, unplaced };
  }
  const outcome = await undo(context, journal, caller, deadline, { keepUnfinished: true });
  return { kind: 'undone', late: outcome.end !== 'finished', command, target, began, outcome, unplaced: null };
}
