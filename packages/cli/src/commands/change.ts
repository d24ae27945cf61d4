/** rc-change: brings services up and down. */

import { announceChange } from '@muster/control/change';
import { lendingOf } from '@muster/control/lending';
import { type Changing, openForChanging } from '@muster/control/open/change';
import type { Opened } from '@muster/control/open/read';
import { type Execution, execute } from '@muster/core/execute/executor';
import { isSuccess, type Outcome } from '@muster/core/execute/outcome';
import type { EventSink } from '@muster/core/execute/ports';
import { planChange } from '@muster/core/plan/change';
import { type Goal, type Selection, select, withStanding } from '@muster/core/plan/goal';
import type { Plan } from '@muster/core/plan/plan';
import { observedWorld } from '@muster/core/plan/world';
import { type Deadline, deadlineIn, within } from '@muster/posix/deadline';
import type { LockFile } from '@muster/store/live/lock-file';
import { supervisorOf } from '@muster/supervisors/supervisors';
import { type Call, type Command, LIVE_OPTION } from '../arguments/command.ts';
import { rootOf } from '../arguments/paths.ts';
import { timeoutFrom } from '../arguments/timeout.ts';
import { wrongUsage } from '../arguments/usage.ts';
import { callerOf } from '../caller.ts';
import { commandLine } from '../command-line.ts';
import { chosenTerminal, pausable, speakerEvents } from '../console.ts';
import { EXIT } from '../exit-codes.ts';
import { lookAt } from '../look.ts';
import { print, tell, tellsInColor, tellsToTerminal, together } from '../output.ts';
import { complainAboutNames } from '../render/complain.ts';
import { summaryAsData } from '../render/outcome.ts';
import { planAsData, renderPlan } from '../render/plan.ts';
import { complainAboutProblem } from '../render/problems.ts';
import { jsonProgress, plainProgress } from '../render/progress.ts';
import type { TerminalProgress } from '../render/progress-terminal.ts';
import { renderSummary } from '../render/summary.ts';

const PROGRAM = 'rc-change';
const WAYS = ['up', 'down', 'force-down', 'restart', 'reload'] as const;
type Way = (typeof WAYS)[number];

export const command: Command = {
  summary: 'Brings services up or down, in order, with what they need or what needs them',
  operands: '[NAME…]',
  options: {
    up: { short: 'u', help: 'bring up (the default)' },
    down: { short: 'd', help: 'bring down, with everything that needs it' },
    'force-down': { short: 'D', help: 'bring down even if essential; also with --restart' },
    restart: {
      help: 'take down with what depends on it, and bring back exactly what was up; refused for what is down',
    },
    reload: { help: 'make it read its configuration again' },
    all: { short: 'a', help: 'add what is up to the selection' },
    prune: { short: 'p', help: 'bring everything else down (with -d: everything else up)' },
    release: { help: 'with -d: also stop what was only pulled in and is not needed any more' },
    'dry-run': { short: 'n', help: 'print the plan, and do nothing' },
    timeout: { short: 't', value: 'TIME', help: 'for everything together' },
    jobs: { short: 'j', value: 'N', help: 'at most so many transitions at once' },
    'no-wait': { help: 'exit 6 instead of waiting for another command' },
    console: { value: 'TERMINAL', help: 'where oneshots may ask, such as /dev/console, or none (the default: here)' },
    json: { help: 'print events (with -n: the plan) as JSON' },
    live: LIVE_OPTION,
  },
  examples: [
    ['rc-change default', 'bring the bundle default up'],
    ['rc-change -n -d db', 'what would go down with db'],
    ['rc-change --restart web', 'restart web and what depends on it'],
  ],
  acts: true,
  run,
};

interface Request {
  readonly way: Way;
  readonly forced: boolean;
  readonly names: readonly string[];
  readonly all: boolean;
  readonly prune: boolean;
  readonly release: boolean;
  readonly json: boolean;
  readonly noWait: boolean;
  readonly deadline: Deadline;
  readonly jobs: number | undefined;
  /** The terminal on which scripts may ask. */
  readonly console: number | null;
}

async function run(call: Call): Promise<number> {
  const request = requestFrom(call);
  if (typeof request === 'string') return wrongUsage(PROGRAM, request);
  if (call.has('dry-run')) return showPlan(request, rootOf(call));
  const opened = await openForChanging(rootOf(call), request, callerOf('muster', { terminal: request.console }));
  if (!opened.ok) return complainAboutProblem(PROGRAM, opened.problem);
  return await change(opened.value, request);
}

/** A text: what is wrong with the options. */
function requestFrom(call: Call): Request | string {
  const forced = call.has('force-down');
  const ways = WAYS.filter((way) => call.has(way) && !(way === 'force-down' && call.has('restart')));
  if (ways.length > 1) return `--${ways.join(' and --')} do not go together`;
  const way = ways[0] ?? 'up';
  if (call.has('prune') && (way === 'restart' || way === 'reload')) return `-p does not go with --${way}`;
  if (call.has('release') && way !== 'down' && way !== 'force-down') return '--release goes with -d';
  const timeout = timeoutFrom(call);
  if (typeof timeout === 'string') return timeout;
  const jobs = call.value('jobs');
  if (jobs !== undefined && !/^[1-9]\d{0,5}$/.test(jobs)) return `'${jobs}' is no number of jobs`;
  const console = chosenTerminal(call.value('console'));
  if (!console.ok) return console.problem;
  return {
    way,
    forced,
    names: call.operands,
    all: call.has('all'),
    prune: call.has('prune'),
    release: call.has('release'),
    json: call.has('json'),
    noWait: call.has('no-wait'),
    // 0 is no limit, as in definitions.
    deadline: deadlineIn(timeout),
    jobs: jobs === undefined ? undefined : Number(jobs),
    console: console.value,
  };
}

function showPlan(request: Request, root: string): number {
  const looked = lookAt(root);
  if (!looked.ok) return complainAboutProblem(PROGRAM, looked.problem);
  const opened = looked.value;
  const { live, database, records } = opened;
  const plan = planFor(request, opened, { records, supervisor: supervisorOf(opened) });
  if (typeof plan === 'number') return plan;
  const text = request.json
    ? `${JSON.stringify(planAsData(database, plan, live.generation))}\n`
    : renderPlan(database, plan);
  print(text);
  return refusedAltogether(plan) ? EXIT.refused : EXIT.success;
}

/** A number: an exit code, and what is wrong has been told. */
function planFor(
  request: Request,
  { database }: Pick<Opened, 'database'>,
  sources: Parameters<typeof observedWorld>[0],
): Plan | number {
  const { selection, unknown } = select(database, request.names);
  if (unknown.length > 0) return complainAboutNames(PROGRAM, unknown, database);
  const world = observedWorld(sources);
  const whole = request.all ? withStanding(database, world, selection) : selection;
  return planChange(database, world, goalOf(request, whole));
}

function goalOf({ way, forced, prune, release }: Request, selection: Selection): Goal {
  switch (way) {
    case 'up':
      return { goal: 'up', selection, prune, forced: false };
    case 'down':
      return { goal: 'down', selection, prune, forced: false, release };
    case 'force-down':
      return { goal: 'down', selection, prune, forced: true, release };
    case 'restart':
      return { goal: 'restart', selection, forced };
    case 'reload':
      return { goal: 'reload', selection };
  }
}

async function change(opened: Changing, request: Request): Promise<number> {
  const { database } = opened;
  const began = performance.now();
  const beganAt = Date.now();
  const lines = pausable(together(request.json ? print : tell));
  const json = request.json ? jsonProgress(database, lines.write) : null;
  const terminal = json === null ? await terminalFor(database) : null;
  const sink: EventSink = json ?? terminal ?? plainProgress(database, lines.write);
  const lending = lendingOf(database, { terminal: request.console, events: speakerEvents(terminal ?? lines) }, sink);
  const around = { ...opened, muster: process.execPath, lend: lending.lend };
  const site = await announceChange(around, commandLine(PROGRAM), lending);
  try {
    const plan = planFor(request, opened, site.ports);
    if (typeof plan === 'number') return plan;
    terminal?.expect(plan.steps.length);
    const execution = execute(database, plan, site.ports, {
      forced: request.forced,
      noWait: request.noWait,
      ...within(request.deadline),
      ...(request.jobs === undefined ? {} : { jobs: request.jobs }),
    });
    cancelOnSignals(execution, opened.lock);
    const outcome = await execution.done;
    terminal?.end();
    if (json === null) {
      tell(await failuresOf(opened, outcome, beganAt));
      tell(renderSummary(database, outcome, performance.now() - began));
    } else print(`${JSON.stringify(summaryAsData(database, outcome, json.next()))}\n`);
    return exitCode(outcome);
  } finally {
    terminal?.end();
    site.end();
    opened.lock.close();
  }
}

async function terminalFor(database: Opened['database']): Promise<TerminalProgress | null> {
  if (!tellsToTerminal()) return null;
  const { TerminalProgress } = await import('../render/progress-terminal.ts');
  // Asked for when the first lines are drawn, and no sooner: `process.stderr` takes 5 ms to set up.
  const size = () => ({ columns: process.stderr.columns || 80, rows: process.stderr.rows || 24 });
  return new TerminalProgress(database, { write: tell, size, color: tellsInColor() }, Date.now);
}

/** Milliseconds until the last words of what failed have come to their log. */
const LAST_WORDS = 50;

async function failuresOf(
  { live, database }: Pick<Opened, 'live' | 'database'>,
  outcome: Outcome,
  since: number,
): Promise<string> {
  if (outcome.failed.length + outcome.skipped.length + outcome.died.length === 0) return '';
  await new Promise((resolve) => setTimeout(resolve, LAST_WORDS));
  const { renderFailures } = await import('../render/failures.ts');
  return renderFailures(live.paths.root, database, outcome, since);
}

/** The first stops what has not begun, the second leaves at once. */
function cancelOnSignals(execution: Execution, lock: LockFile): void {
  let told = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (told) process.exit(EXIT.failed);
      told = true;
      const shutdown = lock.arranger();
      if (shutdown !== null) tell(`${PROGRAM}: rc-shutdown (pid ${shutdown}) ends everything\n`);
      tell(`${PROGRAM}: nothing new is started; what is on its way is waited for\n`);
      execution.cancel();
    });
  }
}

function exitCode(outcome: Outcome): number {
  if (isSuccess(outcome)) return EXIT.success;
  if (outcome.blocked !== null) return outcome.blocked.why === 'busy' ? EXIT.busy : EXIT.refused;
  if (outcome.end === 'timed-out') return EXIT.timedOut;
  if (outcome.failed.length === 0 && outcome.refused.length > 0) return EXIT.refused;
  return EXIT.failed;
}

function refusedAltogether({ steps, refused = [] }: Plan): boolean {
  return steps.length === 0 && refused.length > 0;
}
