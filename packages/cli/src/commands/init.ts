/** rc-init: from a compiled database to a live directory under supervisors, and on request to services that are up. */
import { resolve } from 'node:path';
import type { ControlEventSink } from '@muster/control/events';
import { type InitProblem, type InitRequest, init } from '@muster/control/init';
import { failure, type Result, success } from '@muster/core/result';
import { deadlineIn } from '@muster/posix/deadline';
import type { Backend } from '@muster/store/live/backend';
import { livePaths } from '@muster/store/live/paths';
import { DEFAULT_SUPERVISOR, everySupervisor, supervisorNamed } from '@muster/supervisors/supervisor-table';
import type { Call, Command } from '../arguments/command.ts';
import { compiledPath, keptInstancesPath, rootOf } from '../arguments/paths.ts';
import { timeoutFrom } from '../arguments/timeout.ts';
import { wrongUsage } from '../arguments/usage.ts';
import { callerOf } from '../caller.ts';
import { formatDuration } from '../duration.ts';
import { EXIT } from '../exit-codes.ts';
import { complain, complainAboutObstacles } from '../render/complain.ts';
import { complainAboutProblem } from '../render/problems.ts';
import { tellingPeople } from '../render/told.ts';

const PROGRAM = 'rc-init';
const KINDS = everySupervisor().map(({ name }) => name);
const WITH_SCANDIR = everySupervisor()
  .filter(({ ownsScandir }) => !ownsScandir)
  .map(({ name }) => name)
  .join(' and ');
/** Milliseconds that supervisors have to answer. */
const PATIENCE = 30_000;

export const command: Command = {
  summary: 'Makes the live directory from a compiled database, with every service down',
  operands: '[--change NAME…]',
  options: {
    compiled: { short: 'c', value: 'FILE', help: 'the compiled database (RC_COMPILED)' },
    live: { short: 'l', value: 'DIR', help: 'the live directory to make (RC_LIVE)' },
    backend: {
      short: 'b',
      value: 'KIND',
      choices: KINDS,
      help: `supervisors: ${KINDS.join(', ')} (default: ${DEFAULT_SUPERVISOR.name})`,
    },
    scandir: { value: 'DIR', help: `with ${WITH_SCANDIR}: the running tree's scandir` },
    prefix: { value: 'TEXT', help: `with ${WITH_SCANDIR}: put before services' names in the scandir` },
    'no-keeper': { help: 'nobody starts the tree again when it is killed, until a command changes something' },
    change: { help: 'then bring up the services and bundles that are named, as rc-change does, in the same process' },
    timeout: {
      short: 't',
      value: 'TIME',
      help: 'how long supervisors may take to answer (default: 30s); with --change: for everything together',
    },
  },
  examples: [
    ['rc-init', 'at boot: compiled -> live, the supervision tree running'],
    ['rc-init --change default', 'the same, and the bundle default up: a whole boot'],
    ['rc-init -b s6 --scandir /run/service', 'the same under a running s6-svscan'],
  ],
  acts: true,
  run,
};

async function run(call: Call): Promise<number> {
  const names = namesFrom(call);
  if (!names.ok) return wrongUsage(PROGRAM, names.problem);
  const timeout = timeoutFrom(call);
  if (!timeout.ok) return wrongUsage(PROGRAM, timeout.problem);
  const root = rootOf(call);
  const backend = backendFrom(call, root);
  if (!backend.ok) return wrongUsage(PROGRAM, backend.problem);
  const compiled = call.value('compiled') ?? compiledPath();
  const request = {
    root,
    compiled,
    keptInstances: keptInstancesPath(compiled),
    backend: backend.value,
    insistsOnBackend: call.has('backend'),
    keptAs: call.has('no-keeper') ? null : process.argv0,
    limit: timeout.value ?? PATIENCE,
    deadline: deadlineIn(timeout.value),
  };
  return names.value === null ? await initOnly(request) : await initAndChange(request, names.value);
}

async function initOnly(request: InitRequest): Promise<number> {
  const made = await init(request, callerOf(PROGRAM, { events: toldOfInit() }));
  return made.ok ? EXIT.success : complainAboutInit(made.problem);
}

/** Loaded with what a change needs only where there is one. */
async function initAndChange(request: InitRequest, names: readonly string[]): Promise<number> {
  const { bootCall } = await import('../boot-call.ts');
  return await bootCall(request, names, {
    program: PROGRAM,
    others: toldOfInit().emit,
    complainAboutInit,
  });
}

/** What is to be brought up; null if nothing is, and the services stay down. A problem: what is wrong with the operands. */
function namesFrom(call: Call): Result<readonly string[] | null, string> {
  const [first] = call.operands;
  if (call.has('change')) return first === undefined ? failure('--change needs names') : success(call.operands);
  return first === undefined ? success(null) : failure(`it takes no operands without --change, and '${first}' is one`);
}

/** A problem: what is wrong with the options. */
function backendFrom(call: Call, root: string): Result<Backend, string> {
  const kind = call.value('backend') ?? DEFAULT_SUPERVISOR.name;
  const supervisor = supervisorNamed(kind);
  const scandir = call.value('scandir');
  if (supervisor === undefined) return failure(`'${kind}' is no kind of supervisor: ${KINDS.join(', ')}`);
  if (supervisor.ownsScandir) {
    if (scandir !== undefined) return failure(`--scandir is for ${WITH_SCANDIR}`);
    return success({ kind, scandir: livePaths(root).scan, prefix: '' });
  }
  if (scandir === undefined) return failure(`-b ${kind} needs --scandir`);
  const prefix = call.value('prefix') ?? '';
  if (/^\.|[/\n\0]/.test(prefix))
    return failure(`'${prefix}' is no prefix: names in a scandir begin without a dot, and have no slash`);
  return success({ kind, scandir: resolve(scandir), prefix });
}

/** What an interrupted update has come to is told in nobody's name. */
function toldOfInit(): ControlEventSink {
  const [own, others] = [tellingPeople(PROGRAM), tellingPeople('muster')];
  return { emit: (event) => (event.event === 'recovered' ? others : own).emit(event) };
}

function complainAboutInit(problem: InitProblem): number {
  switch (problem.kind) {
    case 'obstacles':
      return complainAboutObstacles(PROGRAM, problem.obstacles);
    case 'other-backend': {
      const { backend, paths } = problem.live;
      const { kind, scandir, prefix } = backend;
      const where = problem.ownsScandir ? '' : ` in ${scandir}${prefix === '' ? '' : `, prefix ${prefix}`}`;
      const message = `${paths.root} is under ${kind}${where}: rc-shutdown first, to have it elsewhere`;
      return complain(PROGRAM, message, EXIT.failed);
    }
    case 'other-database': {
      const { root } = problem.live.paths;
      const message = `${root} runs another database than ${problem.compiled}: rc-update moves it to this one`;
      return complain(PROGRAM, message, EXIT.failed);
    }
    case 'unwatched':
      return complain(PROGRAM, `no ${problem.program} watches ${problem.scandir}`, EXIT.failed);
    case 'silent': {
      const { silent, limit } = problem;
      const most = problem.most === '' ? '' : `; ${problem.most}`;
      const which = `${silent.slice(0, 5).join(', ')}${most}`;
      const message = `${silent.length} supervisors did not answer within ${formatDuration(limit)}: ${which}`;
      return complain(PROGRAM, message, EXIT.timedOut);
    }
    default:
      return complainAboutProblem(PROGRAM, problem);
  }
}
