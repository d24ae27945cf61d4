/** Running a plan on a live directory that nobody else changes meanwhile. */
import { type ExecuteOptions, type Execution, execute } from '@muster/core/execute/executor';
import type { Outcome } from '@muster/core/execute/outcome';
import type { EventSink } from '@muster/core/execute/ports';
import type { Database } from '@muster/core/model/database';
import type { Plan } from '@muster/core/plan/plan';
import type { Lend } from '@muster/supervisors/oneshots/client';
import { announceChange } from '../change/announced.ts';
import type { UpdateSite } from './site.ts';

/** Who is told of what happens. */
export interface Reporter {
  events(database: Database): EventSink & { readonly lend: Lend };
  /** Something is under way that can be cancelled. */
  began(execution: Execution): void;
}

/** On whose behalf a plan is run. */
interface Runner {
  /** For people. */
  readonly command: string;
  /** Path of the executable, which starts the embedded tree again, should it die meanwhile. */
  readonly muster: string;
}

export async function runPlan(
  site: UpdateSite,
  plan: Plan<unknown>,
  { command, muster }: Runner,
  reporter: Reporter,
  options: ExecuteOptions = {},
): Promise<Outcome> {
  const events = reporter.events(site.database);
  const change = await announceChange({ ...site, muster, lend: events.lend }, command, events);
  try {
    const execution = execute(site.database, plan, change.ports, options);
    reporter.began(execution);
    return await execution.done;
  } finally {
    change.end();
  }
}
