/** What `rc-change` and `rc-init --change` have in common: how a change is told of, given up, and ends. */
import type { Caller } from '@muster/control/caller';
import type { Changed } from '@muster/control/change/change';
import type { ControlEvent } from '@muster/control/events';
import { isSuccess, type Outcome } from '@muster/core/execute/outcome';
import type { Database } from '@muster/core/model/database';
import { callerOf } from './caller.ts';
import { EXIT } from './exit-codes.ts';
import { Interruption } from './interruption.ts';
import { print, tell, tellsInColor, tellsToTerminal, together } from './output.ts';
import { summaryAsData } from './render/outcome.ts';
import type { TerminalProgress } from './render/progress-terminal.ts';
import { renderSummary } from './render/summary.ts';
import { type Progress, progressInLines, sequence, toldProgress } from './render/told-progress.ts';

/** In whose name a change that is given up says so. */
const PROGRAM = 'rc-change';
/** Milliseconds until the last words of what failed have come to their log. */
const LAST_WORDS = 50;

interface ChangeCall {
  readonly caller: Caller;
  /** Nothing more is drawn. To be called however the change ends. */
  stopDrawing(): void;
  /** Tells how it ended. Returns the exit status. */
  end(changed: Changed): Promise<number>;
}

export interface ChangeVoice {
  /** The command that is called. */
  readonly program: string;
  /** Events and summary as JSON. */
  readonly json: boolean;
  /** The terminal on which scripts may ask. */
  readonly terminal: number | null;
  /** Hears what is no progress of the change. */
  readonly others: (event: ControlEvent) => void;
}

export async function changeCallOf({ program, json, terminal, others }: ChangeVoice): Promise<ChangeCall> {
  const interruption = new Interruption();
  const next = sequence();
  const Drawn = !json && tellsToTerminal() ? await drawnProgress() : null;
  let drawn: TerminalProgress | null = null;
  const begin = (database: Database, steps: number): Progress => {
    interruption.listen();
    if (Drawn === null) return progressInLines(database, json, next, together);
    // Asked for when the first lines are drawn, and no sooner: `process.stderr` takes 5 ms to set up.
    const size = () => ({ columns: process.stderr.columns || 80, rows: process.stderr.rows || 24 });
    drawn = new Drawn(database, { write: tell, size, color: tellsInColor() }, Date.now);
    drawn.expect(steps);
    return drawn;
  };
  const events = toldProgress(begin, (event) => (event.event === 'gives-up' ? tellGivingUp(event) : others(event)));
  return {
    caller: callerOf(program, { terminal, events, signal: interruption.signal }),
    stopDrawing: () => drawn?.end(),
    end: async ({ live, database, outcome, began, elapsed }) => {
      if (json) print(`${JSON.stringify(summaryAsData(database, outcome, next()))}\n`);
      else {
        tell(await failuresOf(live.paths.root, database, outcome, began));
        tell(renderSummary(database, outcome, elapsed));
      }
      return exitCode(outcome);
    },
  };
}

async function drawnProgress() {
  return (await import('./render/progress-terminal.ts')).TerminalProgress;
}

function tellGivingUp({ shutdown }: ControlEvent & { readonly event: 'gives-up' }): void {
  if (shutdown !== null) tell(`${PROGRAM}: rc-shutdown (pid ${shutdown}) ends everything\n`);
  tell(`${PROGRAM}: nothing new is started; what is on its way is waited for\n`);
}

async function failuresOf(root: string, database: Database, outcome: Outcome, since: number): Promise<string> {
  if (outcome.failed.length + outcome.skipped.length + outcome.died.length === 0) return '';
  await new Promise((resolve) => setTimeout(resolve, LAST_WORDS));
  const { renderFailures } = await import('./render/failures.ts');
  return renderFailures(root, database, outcome, since);
}

function exitCode(outcome: Outcome): number {
  if (isSuccess(outcome)) return EXIT.success;
  if (outcome.blocked !== null) return outcome.blocked.why === 'busy' ? EXIT.busy : EXIT.refused;
  if (outcome.end === 'timed-out') return EXIT.timedOut;
  if (outcome.failed.length === 0 && outcome.refused.length > 0) return EXIT.refused;
  return EXIT.failed;
}
