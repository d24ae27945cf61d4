/** rc-shutdown: everything down, then the supervisors, then the live directory. */

import { rmSync } from 'node:fs';
import type { Diagnostic } from '@muster/core/diagnostics/diagnostic';
import { execute } from '@muster/core/execute/executor';
import { isSuccess } from '@muster/core/execute/outcome';
import { planChange } from '@muster/core/plan/change';
import { observedWorld } from '@muster/core/plan/world';
import { isOurLiveDirectory } from '@muster/store/live/open';
import { Damaged, damaged } from '@muster/store/live/problem';
import { leave } from '@muster/supervise/arrange/leave';
import { raze } from '@muster/supervise/arrange/raze';
import { announceChange } from '@muster/supervise/change';
import { isSystemError, wrongUsage } from '../arguments/call.ts';
import type { Call, Command } from '../arguments/command.ts';
import { lendingOf, ownTerminal, pausable } from '../console.ts';
import { parseDuration } from '../duration.ts';
import { EXIT } from '../exit-codes.ts';
import { type Changing, openForChanging, rootOf } from '../open.ts';
import { tell } from '../output.ts';
import { complain, complainAbout, complainAboutBusy } from '../render/complain.ts';
import { plainProgress } from '../render/progress.ts';
import { renderSummary } from '../render/summary.ts';
import { everyService } from '../status.ts';

const PROGRAM = 'rc-shutdown';
/** Milliseconds that supervisors have to leave once every service is down. */
const PATIENCE = 30_000;
/** Milliseconds from the last request to end until everything is killed. */
const GRACE = 2000;
/** Errors that tell nothing about the live directory. */
const NOT_ALLOWED: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EROFS']);

export const command: Command = {
  summary: 'Brings everything down, ends the supervision tree, and removes the live directory',
  options: {
    timeout: { short: 't', value: 'TIME', help: 'for the services; what is not down then is killed with the tree' },
    live: { short: 'l', value: 'DIR', help: 'the live directory (RC_LIVE)' },
  },
  examples: [['rc-shutdown', 'leaves no process and no file']],
  acts: true,
  run,
};

async function run(call: Call): Promise<number> {
  const timeout = call.has('timeout') ? parseDuration(call.value('timeout')!) : undefined;
  if (timeout === null) return wrongUsage(PROGRAM, `'${call.value('timeout')}' is no time`, `${PROGRAM} --help`);
  const root = rootOf(call);
  try {
    return await shutDown(root, timeout);
  } catch (error) {
    if (error instanceof Damaged) return await endByForce(root, error.diagnostic);
    if (isSystemError(error) && !NOT_ALLOWED.has(error.code)) {
      return await endByForce(root, damaged(root, error.message));
    }
    throw error;
  }
}

async function shutDown(root: string, timeout: number | undefined): Promise<number> {
  const opened = await openForChanging(root, { noWait: false });
  if (opened.kind === 'refused') return await endByForce(root, opened.diagnostic);
  if (opened.kind === 'busy') return complainAboutBusy(PROGRAM, opened);
  const { live, database, lock } = opened;
  const isDown = await bringDown(opened, timeout);
  const hasLeft = isDown && (await leave(live, database, PATIENCE));
  const hasEnded = hasLeft || (await raze(root, GRACE));
  if (hasEnded) rmSync(root, { recursive: true, force: true });
  lock.close();
  if (!hasEnded) return complain(PROGRAM, 'there are processes that cannot be killed', EXIT.failed);
  return isDown ? EXIT.success : EXIT.failed;
}

/** Without the database or the records, nothing can be brought down in order. */
async function endByForce(root: string, damage: Diagnostic): Promise<number> {
  const status = complainAbout(damage);
  if (!isOurLiveDirectory(root)) return status;
  tell(`${PROGRAM}: what runs there is ended by force, and the directory removed\n`);
  if (!(await raze(root, GRACE))) return complain(PROGRAM, 'there are processes that cannot be killed', EXIT.failed);
  rmSync(root, { recursive: true, force: true });
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
