/** rc-update: moves a live directory to another database. */
import { readFileSync } from 'node:fs';
import { planOfUpdate, type UpdateRequest, update } from '@muster/control/update/update';
import { isSuccess } from '@muster/core/execute/outcome';
import { parseDocument, type UpdateDocument } from '@muster/core/plan/update/document';
import { failure, type Result, success } from '@muster/core/result';
import { deadlineIn } from '@muster/posix/deadline';
import { type Call, type Command, LIVE_OPTION } from '../arguments/command.ts';
import { compiledPath, rootOf } from '../arguments/paths.ts';
import { timeoutFrom } from '../arguments/timeout.ts';
import { wrongUsage } from '../arguments/usage.ts';
import { EXIT } from '../exit-codes.ts';
import { print, printsInColor } from '../output.ts';
import { colorsFor } from '../render/colors.ts';
import { complain } from '../render/complain.ts';
import { tellingPeople } from '../render/told.ts';
import { renderUpdate } from '../render/update.ts';
import { complainAboutUpdate } from '../render/update-problems.ts';
import { updateCallOf } from '../update-call.ts';

const PROGRAM = 'rc-update';
const RESTARTS = ['changed', 'never', 'all'] as const;

export const command: Command = {
  summary: 'Moves the live directory to another database, restarting only what must',
  operands: '[COMPILED]',
  options: {
    'dry-run': { short: 'n', help: 'print the plan, and do nothing' },
    plan: { value: 'FILE', help: 'do exactly what this plan says (rc-diff --plan, rc-update -n --json), or nothing' },
    'force-essentials': { short: 'e', help: 'stop essential services like any other' },
    'conversion-file': { short: 'f', value: 'FILE', help: "what was renamed, and what to restart (s6-rc's format)" },
    restart: {
      value: 'WHICH',
      choices: ['changed', 'never', 'all'],
      help: 'what is up restarts if its content changed; or never, or all',
    },
    rollback: { help: 'go back to the generation before this one; with an operand N, N generations' },
    timeout: { short: 't', value: 'TIME', help: 'for everything together' },
    'no-wait': { help: 'exit 6 instead of waiting for another command' },
    json: { help: 'print events (with -n: the plan) as JSON' },
    live: LIVE_OPTION,
  },
  examples: [
    ['rc-update -n', 'what would stop, start and restart, and why'],
    ['rc-update', 'move to the compiled database'],
    ['rc-update --rollback', 'and back'],
  ],
  acts: true,
  run,
};

async function run(call: Call): Promise<number> {
  const request = requestFrom(call);
  if (!request.ok) return request.problem.complain();
  if (call.has('dry-run')) return showPlan(request.value, call.has('json'));
  const { caller, end } = updateCallOf(PROGRAM, call.has('json'));
  const updated = await update(request.value, caller);
  if (!updated.ok) return complainAboutUpdate(PROGRAM, updated.problem);
  if (updated.value.kind === 'applied') return end(updated.value);
  return isSuccess(updated.value.recovery.outcome) ? EXIT.success : EXIT.failed;
}

/** What is wrong with a call: with its options, or with the plan that they name. */
type Misuse = { complain(): number };

function misuse(message: string): { readonly ok: false; readonly problem: Misuse } {
  return failure({ complain: () => wrongUsage(PROGRAM, message) });
}

function requestFrom(call: Call): Result<UpdateRequest, Misuse> {
  const restart = RESTARTS.find((known) => known === (call.value('restart') ?? 'changed'));
  if (restart === undefined) return misuse(`--restart is ${RESTARTS.join(', ')}, not '${call.value('restart')}'`);
  const timeout = timeoutFrom(call);
  if (!timeout.ok) return misuse(timeout.problem);
  const [operand, ...more] = call.operands;
  if (more.length > 0) return misuse(`one database is enough: ${call.operands.join(' ')}`);
  const back = call.has('rollback') ? Number(operand ?? 1) : 0;
  if (!Number.isInteger(back) || back < 0 || (call.has('rollback') && back === 0)) {
    return misuse(`--rollback goes back a number of generations, not '${operand}'`);
  }
  const file = call.value('plan');
  const alone = ['conversion-file', 'force-essentials', 'restart', 'rollback'].filter((option) => call.has(option));
  if (file !== undefined && alone.length > 0) return misuse(`--plan and --${alone[0]} do not go together`);
  const planned = file === undefined ? success(null) : readPlan(file);
  if (!planned.ok) return planned;
  return success({
    root: rootOf(call),
    to: targetFrom(operand, back, planned.value !== null),
    planned: planned.value,
    restart,
    stopEssentials: call.has('force-essentials'),
    conversionFile: call.value('conversion-file'),
    noWait: call.has('no-wait'),
    deadline: deadlineIn(timeout.value),
  });
}

/** `back`: generations to go back, or 0. */
function targetFrom(operand: string | undefined, back: number, isPlanned: boolean): UpdateRequest['to'] {
  if (back > 0) return { kind: 'earlier', back };
  if (isPlanned && operand === undefined) return { kind: 'planned', path: compiledPath() };
  return { kind: 'file', path: operand ?? compiledPath() };
}

function readPlan(file: string): Result<UpdateDocument, Misuse> {
  const read = parseDocument(readFileSync(file === '-' ? '/dev/stdin' : file, 'utf8'));
  if (read.ok) return read;
  return failure({ complain: () => complain(PROGRAM, `${file}: ${read.problem}`, EXIT.invalid) });
}

function showPlan(request: UpdateRequest, json: boolean): number {
  const planned = planOfUpdate(request, tellingPeople(PROGRAM));
  if (!planned.ok) return complainAboutUpdate(PROGRAM, planned.problem);
  const { document } = planned.value;
  print(json ? `${JSON.stringify(document)}\n` : renderUpdate(document, colorsFor(printsInColor())));
  return EXIT.success;
}
