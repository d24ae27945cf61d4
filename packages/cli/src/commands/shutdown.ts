/** rc-shutdown: everything down, then the supervisors, then the live directory. */

import { rmSync } from 'node:fs';
import { execute } from '@muster/core/execute/executor';
import { isSuccess } from '@muster/core/execute/outcome';
import { planChange } from '@muster/core/plan/change';
import { observedWorld } from '@muster/core/plan/world';
import { leave } from '@muster/supervise/arrange/leave';
import { announceChange } from '@muster/supervise/change';
import { wrongUsage } from '../arguments/call.ts';
import type { Call, Command } from '../arguments/command.ts';
import { formatDuration, parseDuration } from '../duration.ts';
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
  const opened = await openForChanging(rootOf(call), { noWait: false });
  if (opened.kind === 'refused') return complainAbout(opened.diagnostic);
  if (opened.kind === 'busy') return complainAboutBusy(PROGRAM, opened);
  const isDown = await bringDown(opened, timeout);
  const { live, database, lock } = opened;
  if (!(await leave(live, database, PATIENCE))) {
    return complain(PROGRAM, `supervisors still run after ${formatDuration(PATIENCE)}`, EXIT.timedOut);
  }
  rmSync(live.paths.root, { recursive: true, force: true });
  lock.close();
  return isDown ? EXIT.success : EXIT.failed;
}

async function bringDown(opened: Changing, timeout: number | undefined): Promise<boolean> {
  const { database } = opened;
  const began = performance.now();
  const site = await announceChange(
    { ...opened, muster: process.execPath },
    PROGRAM,
    plainProgress(database, (line) => tell(line)),
  );
  const selection = { named: everyService(database), members: [], standing: [] };
  const goal = { goal: 'down', selection, prune: false, release: false, forced: true } as const;
  const plan = planChange(database, observedWorld(site.ports), goal);
  const options = { forced: true, ...(timeout === undefined ? {} : { timeout }) };
  const outcome = await execute(database, plan, site.ports, options).done;
  tell(renderSummary(database, outcome, performance.now() - began));
  site.end();
  return isSuccess(outcome);
}
