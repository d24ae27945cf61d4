/** rc-shutdown: everything down, then the supervisors, then the live directory. */
import type { Diagnostic } from '@muster/core/diagnostics/diagnostic';
import { execute } from '@muster/core/execute/executor';
import { isSuccess } from '@muster/core/execute/outcome';
import { planChange } from '@muster/core/plan/change';
import { observedWorld } from '@muster/core/plan/world';
import { isRunning, processFacts } from '@muster/posix/process';
import { signalProcess } from '@muster/posix/signals';
import { runningChanges } from '@muster/store/live/changes';
import { isOurLiveDirectory } from '@muster/store/live/open';
import { Damaged, damaged } from '@muster/store/live/problem';
import { identityOf, removeLive } from '@muster/store/live/remove';
import { leave } from '@muster/supervise/arrange/leave';
import { raze } from '@muster/supervise/arrange/raze';
import { announceChange } from '@muster/supervise/change';
import { until } from '@muster/supervise/until';
import { type Call, type Command, LIVE_OPTION } from '../arguments/command.ts';
import { timeoutFrom } from '../arguments/timeout.ts';
import { wrongUsage } from '../arguments/usage.ts';
import { lendingOf, ownTerminal, pausable } from '../console.ts';
import { isSystemError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { type Changing, openForChanging } from '../open/change.ts';
import { rootOf } from '../open/read.ts';
import { tell } from '../output.ts';
import { complain, complainAbout, complainAboutBusy } from '../render/complain.ts';
import { plainProgress } from '../render/progress.ts';
import { renderSummary } from '../render/summary.ts';
import { everyService } from '../status.ts';

const PROGRAM = 'rc-shutdown';
/** Milliseconds that supervisors have to leave once every service is down. */
const PATIENCE = 30_000;
const TERM = 15;
/** Milliseconds from a request to end until the next one, and from the last one until everything is killed. */
const GRACE = 2000;
/** Errors that tell nothing about the live directory. */
const NOT_ALLOWED: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EROFS']);

export const command: Command = {
  summary: 'Brings everything down, ends the supervision tree, and removes the live directory',
  options: {
    timeout: { short: 't', value: 'TIME', help: 'for the services; what is not down then is killed with the tree' },
    live: LIVE_OPTION,
  },
  examples: [['rc-shutdown', 'leaves no process and no file']],
  acts: true,
  run,
};

async function run(call: Call): Promise<number> {
  const timeout = timeoutFrom(call);
  if (typeof timeout === 'string') return wrongUsage(PROGRAM, timeout);
  const root = rootOf(call);
  const was = identityOf(root);
  try {
    return await shutDown(root, was, timeout);
  } catch (error) {
    if (error instanceof Damaged) return await endByForce(root, was, error.diagnostic);
    if (isSystemError(error) && !NOT_ALLOWED.has(error.code)) {
      return await endByForce(root, was, damaged(root, error.message));
    }
    throw error;
  }
}

async function shutDown(root: string, was: string | null, timeout: number | undefined): Promise<number> {
  const opened = await openForChanging(root, { noWait: false });
  if (opened.kind === 'refused') return await endByForce(root, was, opened.diagnostic);
  if (opened.kind === 'busy') return complainAboutBusy(PROGRAM, opened);
  const { live, database, lock } = opened;
  if (!lock.tryArrange()) {
    const other = lock.arranger() ?? 0;
    // Nothing is held while another one works: it would have to wait for that.
    lock.close();
    opened.records.close();
    if (await hasBeenRemoved(root, was, other)) return EXIT.success;
    return await shutDown(root, was, timeout);
  }
  let isDown = await bringDown(opened, timeout);
  // Changes that began meanwhile have brought something up again, and would start a tree that has ended.
  if (await endChanges(opened)) isDown = await bringDown(opened, timeout);
  const hasLeft = isDown && (await leave(live, database, PATIENCE));
  const hasEnded = hasLeft || (await raze(root, GRACE));
  if (hasEnded) removeLive(root);
  lock.close();
  if (!hasEnded) return complain(PROGRAM, 'there are processes that cannot be killed', EXIT.failed);
  return isDown ? EXIT.success : EXIT.failed;
}

/** Waits for another rc-shutdown. False: it has ended, and left the live directory. */
async function hasBeenRemoved(root: string, was: string | null, other: number): Promise<boolean> {
  tell(`waiting  for ${PROGRAM} (pid ${other})\n`);
  const { startTime } = processFacts(other) ?? { startTime: 0 };
  const isGone = () => identityOf(root) !== was;
  await until(() => isGone() || !isRunning(other, startTime), Number.POSITIVE_INFINITY);
  return isGone();
}

/**
 * Keeps new changes out, once those that are under way have ended: by themselves, or told so, and told once more. Returns
 * whether there were any; whoever still holds on is killed with the rest.
 */
async function endChanges({ live, lock }: Changing): Promise<boolean> {
  if (lock.tryReplaceDatabase()) return false;
  for (let told = 0; told < 3; told++) {
    if (await until(() => lock.tryReplaceDatabase(), GRACE)) return true;
    for (const change of runningChanges(live.paths.changes))
      if (change.pid !== process.pid) signalProcess(change, TERM);
  }
  return false;
}

/** Without the database or the records, nothing can be brought down in order. */
async function endByForce(root: string, was: string | null, damage: Diagnostic): Promise<number> {
  if (was !== null && identityOf(root) !== was) return EXIT.success;
  const status = complainAbout(damage);
  if (!isOurLiveDirectory(root)) return status;
  tell(`${PROGRAM}: what runs there is ended by force, and the directory removed\n`);
  if (!(await raze(root, GRACE))) return complain(PROGRAM, 'there are processes that cannot be killed', EXIT.failed);
  removeLive(root);
  return EXIT.failed;
}

async function bringDown(opened: Changing, timeout: number | undefined): Promise<boolean> {
  const { database } = opened;
  const began = performance.now();
  const lines = pausable(tell);
  const lending = lendingOf(database, ownTerminal(), lines, plainProgress(database, lines.write));
  const site = await announceChange({ ...opened, muster: process.execPath, lend: lending.lend }, PROGRAM, lending);
  const selection = { named: everyService(database), members: [], standing: [] };
  const goal = { goal: 'down', selection, prune: false, release: false, forced: true } as const;
  const plan = planChange(database, observedWorld(site.ports), goal);
  const options = { forced: true, ...(timeout === undefined ? {} : { timeout }) };
  const outcome = await execute(database, plan, site.ports, options).done;
  tell(renderSummary(database, outcome, performance.now() - began));
  site.end();
  return isSuccess(outcome);
}
