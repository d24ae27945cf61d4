/** rc-update: moves a live directory to another database. */
import { readFileSync } from 'node:fs';
import type { Opened } from '@muster/control/open/read';
import { openForUpdating } from '@muster/control/open/update';
import type { Recovery } from '@muster/control/update/recover';
import { isSuccess } from '@muster/core/execute/outcome';
import { parseDocument, type UpdateDocument, whatMoved } from '@muster/core/plan/update/document';
import { type Deadline, deadlineIn } from '@muster/posix/deadline';
import { type Call, type Command, LIVE_OPTION } from '../arguments/command.ts';
import { compiledPath, rootOf } from '../arguments/paths.ts';
import { timeoutFrom } from '../arguments/timeout.ts';
import { wrongUsage } from '../arguments/usage.ts';
import { callerOf } from '../caller.ts';
import { commandLine } from '../command-line.ts';
import { EXIT } from '../exit-codes.ts';
import { lookAt } from '../look.ts';
import { print, printsInColor, tell } from '../output.ts';
import { colorsFor } from '../render/colors.ts';
import { complain } from '../render/complain.ts';
import { complainAboutProblem } from '../render/problems.ts';
import { renderUpdate } from '../render/update.ts';
import { applyUpdate } from '../update/apply.ts';
import {
  complainAboutPlan,
  isConversion,
  isPlanned,
  type Planned,
  plan,
  planNothing,
  readConversion,
  rememberedConversion,
  type Wishes,
  wishesOf,
} from '../update/plan.ts';
import { compiledTarget, earlierTarget, generationTarget, isKept, type Target } from '../update/target.ts';

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

interface Request {
  readonly call: Call;
  readonly restart: Wishes['restart'];
  /** Generations to go back, or 0. */
  readonly back: number;
  readonly compiled: string;
  readonly planned: UpdateDocument | null;
  readonly deadline: Deadline;
}

async function run(call: Call): Promise<number> {
  const request = requestFrom(call);
  if (typeof request === 'string') return wrongUsage(PROGRAM, request);
  if (typeof request === 'number') return request;
  if (call.has('dry-run')) return showPlan(request);
  const patience = { noWait: call.has('no-wait'), deadline: request.deadline };
  const opened = await openForUpdating(rootOf(call), patience, callerOf(PROGRAM));
  if (!opened.ok) return complainAboutProblem(PROGRAM, opened.problem);
  const { site, recovery } = opened.value;
  try {
    // Called again after it was killed: what it was asked for has just been completed.
    if (recovery !== null && isSame(recovery, request, site)) {
      return isSuccess(recovery.outcome) ? EXIT.success : EXIT.failed;
    }
    const made = makePlan(request, site);
    if (typeof made === 'number') return made;
    return await applyUpdate(site, made.target, made, {
      program: PROGRAM,
      json: call.has('json'),
      deadline: request.deadline,
    });
  } finally {
    site.records.close();
    site.lock.close();
  }
}

function isSame({ kind, command, target }: Recovery, request: Request, opened: Opened): boolean {
  if (kind !== 'completed' || command !== commandLine(PROGRAM)) return false;
  // One generation back from here is another one by now.
  if (request.back > 0) return true;
  const asked = targetOf(request, opened);
  return typeof asked !== 'number' && asked.hash === target;
}

/** A text: what is wrong with the options. A number: an exit code, and what is wrong has been told. */
function requestFrom(call: Call): Request | string | number {
  const restart = RESTARTS.find((known) => known === (call.value('restart') ?? 'changed'));
  if (restart === undefined) return `--restart is ${RESTARTS.join(', ')}, not '${call.value('restart')}'`;
  const timeout = timeoutFrom(call);
  if (!timeout.ok) return timeout.problem;
  const [operand, ...more] = call.operands;
  if (more.length > 0) return `one database is enough: ${call.operands.join(' ')}`;
  const back = call.has('rollback') ? Number(operand ?? 1) : 0;
  if (!Number.isInteger(back) || back < 0 || (call.has('rollback') && back === 0)) {
    return `--rollback goes back a number of generations, not '${operand}'`;
  }
  const file = call.value('plan');
  const alone = ['conversion-file', 'force-essentials', 'restart', 'rollback'].filter((option) => call.has(option));
  if (file !== undefined && alone.length > 0) return `--plan and --${alone[0]} do not go together`;
  const planned = file === undefined ? null : readPlan(file);
  if (typeof planned === 'number') return planned;
  const compiled = back > 0 ? '' : (operand ?? compiledPath());
  return { call, restart, back, compiled, planned, deadline: deadlineIn(timeout.value) };
}

function readPlan(file: string): UpdateDocument | number {
  try {
    return parseDocument(readFileSync(file === '-' ? '/dev/stdin' : file, 'utf8'));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return complain(PROGRAM, `${file}: ${error.message}`, EXIT.invalid);
  }
}

/** A number: an exit code, and what is wrong has been told. */
function makePlan(request: Request, opened: Opened): (Planned & { readonly target: Target }) | number {
  const target = targetOf(request, opened);
  if (typeof target === 'number') return target;
  const made =
    request.planned === null ? planFresh(request, opened, target) : planAgain(request.planned, opened, target);
  return typeof made === 'number' ? made : { ...made, target };
}

function targetOf({ back, compiled, planned, call }: Request, opened: Opened): Target | number {
  const { live } = opened;
  if (back > 0) return earlierTarget(PROGRAM, live, back);
  if (planned !== null && call.operands.length === 0 && isKept(live, planned.target.database)) {
    return generationTarget(PROGRAM, live, planned.target.database);
  }
  return compiledTarget(PROGRAM, compiled, opened);
}

function planFresh({ call, restart, back }: Request, opened: Opened, target: Target): Planned | number {
  const file = call.value('conversion-file');
  const isBack = back > 0 && file === undefined;
  const conversion = isBack ? rememberedConversion(opened, back) : readConversion(opened.database, file);
  if (!isConversion(conversion)) return complainAboutPlan(PROGRAM, conversion);
  const wishes = { restart, stopEssentials: call.has('force-essentials'), conversion };
  const nothing = call.has('dry-run') ? null : planNothing(opened, target, wishes);
  if (nothing !== null) return nothing;
  const made = plan(opened, target, wishes, file);
  return isPlanned(made) ? made : complainAboutPlan(PROGRAM, made);
}

/** Makes the plan again, and compares. */
function planAgain(planned: UpdateDocument, opened: Opened, target: Target): Planned | number {
  const wishes = wishesOf(planned, opened.database);
  if (wishes === null) return complainAboutMoves(['another database is live']);
  const made = plan(opened, target, wishes);
  if (!isPlanned(made)) return complainAboutMoves(made.lines);
  const moved = whatMoved(planned, made.document);
  return moved.length === 0 ? made : complainAboutMoves(moved);
}

function complainAboutMoves(moved: readonly string[]): number {
  complain(PROGRAM, 'the world has moved since this plan was made, so nothing was done:', EXIT.refused);
  for (const line of moved) tell(`  ${line}\n`);
  return EXIT.refused;
}

function showPlan(request: Request): number {
  const opened = lookAt(rootOf(request.call));
  if (!opened.ok) return complainAboutProblem(PROGRAM, opened.problem);
  const made = makePlan(request, opened.value);
  opened.value.records.close();
  if (typeof made === 'number') return made;
  const color = printsInColor();
  const text = request.call.has('json')
    ? `${JSON.stringify(made.document)}\n`
    : renderUpdate(made.document, colorsFor(color));
  print(text);
  return EXIT.success;
}
