/** After the swap: the new database's services under supervisors, and up what must be up. */

import { readdirSync, rmSync } from 'node:fs';
import type { Outcome } from '@muster/core/execute/outcome';
import { contentHashOf, isSameHash } from '@muster/core/model/content-hash';
import { type ServiceId, serviceNamed } from '@muster/core/model/database';
import type { Plan } from '@muster/core/plan/plan';
import { type Deadline, timeLeft, within } from '@muster/posix/deadline';
import { unstage } from '@muster/store/live/arrangement/arrangement';
import { publish } from '@muster/store/live/arrangement/publish';
import { readGenerations, writeGenerations } from '@muster/store/live/generations';
import { forgetVariables } from '@muster/store/live/instances';
import { type Journal, removeJournal } from '@muster/store/live/journal';
import { discardStaged } from '@muster/store/live/next-database';
import type { Live } from '@muster/store/live/open';
import { CONTROL_FIFO } from '@muster/store/live/service-files';
import { dropStaged, putStaged, type StagedFile } from '@muster/store/write-file';
import { scandirOf, supervisorFor } from '@muster/supervisors/supervisor-table';
import { untilRead, untilUnread } from '@muster/supervisors/until-read';
import type { Caller } from '../caller.ts';
import { reopenContext, type UpdateContext } from './context.ts';
import { planStarts } from './plan-starts.ts';
import { runPlan } from './run-plan.ts';

/** Milliseconds that supervisors have to answer, and to leave. */
const PATIENCE = 30_000;
const GENERATIONS_KEPT = 5;

export interface Completion {
  readonly up: Outcome;
  /** Control FIFOs of supervisors that do not answer. */
  readonly silent: readonly string[];
  /** Why the compiled file that the update was made from could not be replaced. */
  readonly unplaced: Error | null;
}

/**
 * Completes `journal`'s update on a live directory whose link `db` leads to its database already; `before` is what it was
 * opened as. Can be begun again at any point. With `keepUnfinished`, whoever comes next has to if time ran out, or it was called off.
 */
export async function complete(
  before: UpdateContext,
  journal: Journal,
  caller: Caller,
  deadline: Deadline,
  { keepUnfinished = false }: { readonly keepUnfinished?: boolean } = {},
): Promise<Completion> {
  const { paths } = before.live;
  publish(paths, scandirOf(before.live), journal.arrangement);
  const context = reopenContext(paths.root, before.lock);
  try {
    const silent = await supervise(context, journal, caller.muster, deadline);
    const runner = { ...caller, command: journal.command };
    const up = await runPlan(context, startsOf(context, journal), runner, within(deadline));
    if (keepUnfinished && up.end !== 'finished') return { up, silent, unplaced: null };
    rememberReloads(context, up);
    rememberGeneration(context.live, journal);
    const unplaced = journal.compiled === null ? null : tryToPlace(journal.compiled);
    removeJournal(paths.journal);
    unstage(paths);
    return { up, silent, unplaced };
  } finally {
    context.records.close();
  }
}

/** What is live does not depend on it: nobody has to try that again and again. */
export function tryToPlace(compiled: StagedFile): Error | null {
  try {
    putStaged(compiled);
    return null;
  } catch (error) {
    dropStaged(compiled);
    return error as Error;
  }
}

async function supervise(
  { live, database }: UpdateContext,
  journal: Journal,
  muster: string,
  deadline: Deadline,
): Promise<readonly string[]> {
  const { services, gone, pipes, gonePipes, movedPipes } = journal.arrangement;
  const supervisor = supervisorFor(live);
  await supervisor.revive(live, database, muster, deadline);
  supervisor.attach(live, database, muster);
  const isMoved = services.some(({ was, name }) => was !== name);
  if (!isMoved && gone.length + pipes.length + gonePipes.length + movedPipes.length === 0) return [];
  const leaving = gone.filter(({ supervised }) => supervised).map(({ name }) => `${live.paths.staged}/gone/${name}`);
  supervisor.rescan(live.backend, leaving);
  await untilUnread(
    leaving.map((directory) => `${directory}/${CONTROL_FIFO}`),
    timeLeft(deadline, PATIENCE),
  );
  // Once more: a tree that watches as many as it may has found no room for the new ones until the old had left.
  if (leaving.length > 0) supervisor.rescan(live.backend, []);
  return await untilRead(supervisor.controls(live, database), timeLeft(deadline, PATIENCE));
}

/** What the update starts, and the reloads that have not been done. */
function startsOf({ database, records }: UpdateContext, { plan }: Journal): Plan {
  const names = (action: string): string[] =>
    plan.transitions.filter((transition) => transition.action === action).map(({ service }) => service);
  const starts = planStarts(database, names('up'), (service) => records.read(service).wanted !== 'no');
  const reloads = names('reload').flatMap((name) => {
    const service = serviceNamed(database, name);
    return service === undefined || runsNewest({ database, records }, service) ? [] : [service];
  });
  const steps = reloads.map((service) => ({
    service,
    action: 'reload' as const,
    reason: { why: 'was-up' as const },
    after: [],
    afterEnd: [],
  }));
  return { ...starts, steps: [...starts.steps, ...steps] };
}

function runsNewest({ database, records }: Pick<UpdateContext, 'database' | 'records'>, service: ServiceId): boolean {
  return isSameHash(records.read(service).contentHash, contentHashOf(database, service));
}

/** What was reloaded runs on its newest definition. */
function rememberReloads({ database, records }: UpdateContext, { reloaded }: Outcome): void {
  for (const service of reloaded) {
    const { transition, phase, cause, exit, began, ended } = records.read(service);
    const contentHash = contentHashOf(database, service).slice();
    records.write(service, { transition, phase, cause, exit, began, ended, contentHash });
  }
}

function rememberGeneration({ paths, generation }: Live, journal: Journal): void {
  discardStaged(paths);
  const { from, to, began, renames } = journal;
  if (from === to && renames.length === 0) return;
  const known = readGenerations(paths.generations);
  if (known.at(-1)?.began !== began) {
    const since = new Date().toISOString();
    writeGenerations(paths.generations, [...known, { hash: generation, since, began, renames }]);
  }
  prune(paths.generations, paths.databases);
  forgetVariables(paths);
}

/** Forgets all but the last generations, and their databases. */
function prune(generations: string, databases: string): void {
  const kept = readGenerations(generations).slice(-GENERATIONS_KEPT);
  writeGenerations(generations, kept);
  const hashes = new Set(kept.map(({ hash }) => hash));
  for (const name of readdirSync(databases)) {
    if (!hashes.has(name)) rmSync(`${databases}/${name}`, { recursive: true, force: true });
  }
}
