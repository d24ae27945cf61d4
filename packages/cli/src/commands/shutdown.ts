/** rc-shutdown: everything down, then the supervisors, then the live directory. */

import { announceChange } from '@muster/control/change/announced';
import { lendingOf } from '@muster/control/lending';
import { type Changing, openForChanging } from '@muster/control/open/change';
import { clearOutlived } from '@muster/control/open/outlived';
import type { Hindrance } from '@muster/control/problems';
import { isSystemError } from '@muster/control/thrown';
import type { Diagnostic } from '@muster/core/diagnostics/diagnostic';
import { execute } from '@muster/core/execute/executor';
import { isSuccess } from '@muster/core/execute/outcome';
import type { EventSink } from '@muster/core/execute/ports';
import { everyService, type ServiceId } from '@muster/core/model/database';
import { planChange } from '@muster/core/plan/change';
import { observedWorld } from '@muster/core/plan/world';
import { type Deadline, deadlineIn, NO_DEADLINE, timeLeft, within } from '@muster/posix/deadline';
import { isRunning, processFacts } from '@muster/posix/process';
import { signalProcess } from '@muster/posix/signals';
import { until } from '@muster/posix/until';
import { holderName, runningChanges } from '@muster/store/live/changes';
import { isOurLiveDirectory, openLive } from '@muster/store/live/open';
import { livePaths } from '@muster/store/live/paths';
import { Damaged, damaged } from '@muster/store/live/problem';
import { identityOf, removeLive } from '@muster/store/live/remove';
import { detach } from '@muster/supervisors/arrange/detach';
import { forceStop } from '@muster/supervisors/arrange/force-stop';
import { type Call, type Command, LIVE_OPTION } from '../arguments/command.ts';
import { rootOf } from '../arguments/paths.ts';
import { timeoutFrom } from '../arguments/timeout.ts';
import { wrongUsage } from '../arguments/usage.ts';
import { callerOf } from '../caller.ts';
import { ownTerminal, pausable, speakerEvents } from '../console.ts';
import { EXIT } from '../exit-codes.ts';
import { Claims } from '../open/claims.ts';
import { tell } from '../output.ts';
import { complain, complainAbout } from '../render/complain.ts';
import { listed, namesOf } from '../render/names.ts';
import { complainAboutProblem } from '../render/problems.ts';
import { plainProgress } from '../render/progress.ts';
import { renderSummary } from '../render/summary.ts';

const PROGRAM = 'rc-shutdown';
/** Milliseconds that supervisors have to leave once every service is down. */
const PATIENCE = 30_000;
const TERM = 15;
/** Milliseconds that changes have to end by themselves once all is down, and processes from the request to do so. */
const GRACE = 2000;
/** Milliseconds for what a killed update has left to be undone or completed. */
const RECOVERING = 60_000;
/** Milliseconds for making changes end, however many begin meanwhile. */
const CLAIMING = 30_000;
/** Milliseconds that another rc-shutdown may need, once the time of services is over, to end all that is left. */
const FORCE = 60_000;
/** Milliseconds between looks at who holds services. */
const LOOK = 50;
/** Milliseconds between words about what takes its time to stop. */
const REMINDER = 5000;
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
  const given = timeoutFrom(call);
  if (!given.ok) return wrongUsage(PROGRAM, given.problem);
  const timeout = given.value;
  const root = rootOf(call);
  const was = identityOf(root);
  try {
    return await shutDown({ root, was, deadline: deadlineIn(timeout), claims: new Claims(timeout || undefined) });
  } catch (error) {
    if (error instanceof Damaged) return await endByForce(root, was, error.diagnostic);
    if (isSystemError(error) && !NOT_ALLOWED.has(error.code)) {
      return await endByForce(root, was, damaged(root, error.message));
    }
    throw error;
  }
}

interface Shutdown {
  readonly root: string;
  /** What the live directory was when this command began. */
  readonly was: string | null;
  /** For the services. */
  readonly deadline: Deadline;
  /** Of others, on what is needed for it. */
  readonly claims: Claims;
}

async function shutDown(shutdown: Shutdown): Promise<number> {
  const { root, deadline, claims } = shutdown;
  const patience = {
    noWait: false,
    deadline: deadlineIn(timeLeft(deadline, RECOVERING)),
    press: (pid: number) => claims.press(pid),
  };
  const changing = await openForChanging(root, patience, callerOf('muster'));
  if (!changing.ok) return await endHindered(shutdown, changing.problem);
  const opened = changing.value;
  const { live, database, lock } = opened;
  if (!lock.tryArrange()) {
    const other = lock.arranger() ?? 0;
    // Nothing is held while another one works: it would have to wait for that.
    lock.close();
    opened.records.close();
    const ended = await endOfOther(shutdown, other);
    if (ended === 'removed') return EXIT.success;
    if (ended === 'late')
      return complain(PROGRAM, `time ran out while ${nameOf(root, other)} was at it`, EXIT.timedOut);
    return await shutDown(shutdown);
  }
  let isDown = await bringDown(opened, shutdown);
  // Changes that began meanwhile have brought something up again, and would start a tree that has ended.
  if (await endChanges(opened, claims)) isDown = await bringDown(opened, shutdown);
  const hasLeft = isDown && (await detach(live, database, PATIENCE));
  const hasEnded = hasLeft || (await forceStop(root, GRACE));
  if (hasEnded) removeLive(root);
  lock.close();
  if (!hasEnded) return complain(PROGRAM, 'there are processes that cannot be killed', EXIT.failed);
  return isDown ? EXIT.success : EXIT.failed;
}

async function endHindered({ root, was }: Shutdown, problem: Hindrance): Promise<number> {
  if (problem.kind === 'unusable' && isOutlived(root)) return await removeOutlived(root, problem.diagnostic);
  if (problem.kind === 'unusable') return await endByForce(root, was, problem.diagnostic);
  const status = complainAboutProblem(PROGRAM, problem);
  return problem.kind === 'busy' && problem.late ? await removeByForce(root, was) : status;
}

function isOutlived(root: string): boolean {
  const live = openLive(root);
  return live.kind === 'live' && live.outlived !== null;
}

/** Nothing of it runs: pids that it remembers are somebody else's by now. */
async function removeOutlived(root: string, diagnostic: Diagnostic): Promise<number> {
  complainAbout({ ...diagnostic, severity: 'warning', hint: 'it is removed' });
  await clearOutlived(root);
  return EXIT.success;
}

/** Waits for another rc-shutdown, which is ended only if it is stopped. */
async function endOfOther(
  { root, was, deadline, claims }: Shutdown,
  other: number,
): Promise<'removed' | 'left' | 'late'> {
  tell(`waiting  for ${nameOf(root, other)}\n`);
  const { startTime } = processFacts(other) ?? { startTime: 0 };
  const isGone = () => identityOf(root) !== was;
  const limit = deadline === NO_DEADLINE ? deadline : timeLeft(deadline) + FORCE;
  await until(() => isGone() || !isRunning(other, startTime) || !claims.pressStopped(other), limit);
  if (isGone()) return 'removed';
  return isRunning(other, startTime) ? 'late' : 'left';
}

function nameOf(root: string, pid: number): string {
  return holderName(livePaths(root).changes, pid) ?? 'another command';
}

/**
 * Keeps new changes out, once those that are under way have ended: by themselves, or because they were made to. Returns
 * whether there were any; whoever still holds on is killed with the rest, or out of reach.
 */
async function endChanges({ live, lock }: Changing, claims: Claims): Promise<boolean> {
  if (lock.tryReplaceDatabase()) return false;
  const { changes, root } = live.paths;
  for (let asked = 0; asked < 2; asked++) {
    if (await until(() => lock.tryReplaceDatabase(), GRACE)) return true;
    for (const change of runningChanges(changes)) if (change.pid !== process.pid) signalProcess(change, TERM);
  }
  let told: number | null = null;
  await until(() => {
    if (lock.tryReplaceDatabase()) return true;
    const holder = lock.databaseHolder();
    if (holder !== null && holder !== told) tell(`waiting  for ${nameOf(root, holder)}\n`);
    told = holder;
    return holder !== null && !claims.press(holder);
  }, CLAIMING);
  return true;
}

/** Without the database or the records, nothing can be brought down in order. */
async function endByForce(root: string, was: string | null, damage: Diagnostic): Promise<number> {
  if (was !== null && identityOf(root) !== was) return EXIT.success;
  const status = complainAbout(damage);
  if (!isOurLiveDirectory(root)) return status;
  return await removeByForce(root, was);
}

async function removeByForce(root: string, was: string | null): Promise<number> {
  if (was !== null && identityOf(root) !== was) return EXIT.success;
  tell(`${PROGRAM}: what runs there is ended by force, and the directory removed\n`);
  if (!(await forceStop(root, GRACE)))
    return complain(PROGRAM, 'there are processes that cannot be killed', EXIT.failed);
  removeLive(root);
  return EXIT.failed;
}

async function bringDown(opened: Changing, { deadline, claims }: Shutdown): Promise<boolean> {
  const { database, lock } = opened;
  const began = performance.now();
  const lines = pausable(tell);
  const progress = plainProgress(database, lines.write);
  const stopping = new Set<ServiceId>();
  const sink: EventSink = {
    emit: (event) => {
      if (event.event === 'stopping') stopping.add(event.service);
      else stopping.delete(event.service);
      progress.emit(event);
    },
  };
  const lending = lendingOf(database, { terminal: ownTerminal(), events: speakerEvents(lines) }, sink);
  const site = await announceChange({ ...opened, muster: process.execPath, lend: lending.lend }, PROGRAM, lending);
  const selection = { named: everyService(database), members: [], standing: [] };
  const goal = { goal: 'down', selection, prune: false, release: false, forced: true } as const;
  const plan = planChange(database, observedWorld(site.ports), goal);
  const execution = execute(database, plan, site.ports, { forced: true, ...within(deadline) });
  const pressing = setInterval(() => {
    const holder = lock.serviceHolder();
    // What nobody can be made to let go is ended with the tree.
    if (holder !== null && !claims.press(holder)) execution.cancel();
  }, LOOK);
  const reminding = setInterval(() => {
    if (stopping.size === 0) return;
    const names = listed(namesOf(database, [...stopping]));
    lines.write(
      `waiting  for ${names} to stop; rc-signal -s KILL NAME ends one, rc-shutdown -t TIME after Ctrl-C all\n`,
    );
  }, REMINDER);
  const outcome = await execution.done.finally(() => {
    clearInterval(pressing);
    clearInterval(reminding);
  });
  tell(renderSummary(database, outcome, performance.now() - began));
  site.end();
  return isSuccess(outcome);
}
