/** rc-change: brings services up and down. */
import { change, planOfChange } from '@muster/control/change/change';
import { type ChangeRequest, WAYS } from '@muster/control/change/request';
import type { Plan } from '@muster/core/plan/plan';
import { failure, type Result, success } from '@muster/core/result';
import { deadlineIn } from '@muster/posix/deadline';
import { type Call, type Command, LIVE_OPTION } from '../arguments/command.ts';
import { rootOf } from '../arguments/paths.ts';
import { timeoutFrom } from '../arguments/timeout.ts';
import { wrongUsage } from '../arguments/usage.ts';
import { changeCallOf } from '../change-call.ts';
import { chosenTerminal } from '../console.ts';
import { EXIT } from '../exit-codes.ts';
import { print } from '../output.ts';
import { planAsData, renderPlan } from '../render/plan.ts';
import { complainAboutProblem } from '../render/problems.ts';
import { tellingPeople } from '../render/told.ts';

const PROGRAM = 'rc-change';

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

interface Request extends ChangeRequest {
  readonly json: boolean;
  /** The terminal on which scripts may ask. */
  readonly console: number | null;
}

async function run(call: Call): Promise<number> {
  const request = requestFrom(call);
  if (!request.ok) return wrongUsage(PROGRAM, request.problem);
  return call.has('dry-run') ? showPlan(request.value) : await changeNow(request.value);
}

/** A problem: what is wrong with the options. */
function requestFrom(call: Call): Result<Request, string> {
  const ways = WAYS.filter((way) => call.has(way) && !(way === 'force-down' && call.has('restart')));
  if (ways.length > 1) return failure(`--${ways.join(' and --')} do not go together`);
  const way = ways[0] ?? 'up';
  if (call.has('prune') && (way === 'restart' || way === 'reload')) return failure(`-p does not go with --${way}`);
  if (call.has('release') && way !== 'down' && way !== 'force-down') return failure('--release goes with -d');
  const timeout = timeoutFrom(call);
  if (!timeout.ok) return timeout;
  const jobs = call.value('jobs');
  if (jobs !== undefined && !/^[1-9]\d{0,5}$/.test(jobs)) return failure(`'${jobs}' is no number of jobs`);
  const console = chosenTerminal(call.value('console'));
  if (!console.ok) return console;
  return success({
    root: rootOf(call),
    way,
    forced: call.has('force-down'),
    names: call.operands,
    all: call.has('all'),
    prune: call.has('prune'),
    release: call.has('release'),
    json: call.has('json'),
    noWait: call.has('no-wait'),
    // 0 is no limit, as in definitions.
    deadline: deadlineIn(timeout.value),
    jobs: jobs === undefined ? undefined : Number(jobs),
    console: console.value,
  });
}

function showPlan(request: Request): number {
  const planned = planOfChange(request, tellingPeople(PROGRAM));
  if (!planned.ok) return complainAboutProblem(PROGRAM, planned.problem);
  const { live, database, plan } = planned.value;
  const text = request.json
    ? `${JSON.stringify(planAsData(database, plan, live.generation))}\n`
    : renderPlan(database, plan);
  print(text);
  return refusedAltogether(plan) ? EXIT.refused : EXIT.success;
}

async function changeNow(request: Request): Promise<number> {
  const others = tellingPeople('muster');
  const { json, console: terminal } = request;
  const call = await changeCallOf({ program: PROGRAM, json, terminal, others: others.emit });
  const changed = await change(request, call.caller).finally(call.stopDrawing);
  return changed.ok ? await call.end(changed.value) : complainAboutProblem(PROGRAM, changed.problem);
}

function refusedAltogether({ steps, refused = [] }: Plan): boolean {
  return steps.length === 0 && refused.length > 0;
}
