/** rc-instance: makes services of templates while everything runs, and removes them. */
import { change } from '@muster/control/change/change';
import type { ChangeRequest } from '@muster/control/change/request';
import { createInstance } from '@muster/control/instances/create';
import { listInstances } from '@muster/control/instances/list';
import { removedWith, removeInstance } from '@muster/control/instances/remove';
import { changeVariables, variablesOfInstance } from '@muster/control/instances/variables';
import { failure, type Result, success } from '@muster/core/result';
import { type Deadline, deadlineIn } from '@muster/posix/deadline';
import { readRegularText } from '@muster/posix/regular-file';
import { type Call, type Command, LIVE_OPTION } from '../arguments/command.ts';
import { keptInstancesPath, rootOf } from '../arguments/paths.ts';
import { timeoutFrom } from '../arguments/timeout.ts';
import { wrongUsage } from '../arguments/usage.ts';
import { callerOf } from '../caller.ts';
import { changeCallOf } from '../change-call.ts';
import { ownTerminal } from '../console.ts';
import { EXIT } from '../exit-codes.ts';
import { print } from '../output.ts';
import { complainAboutInstance } from '../render/instance-problems.ts';
import { complainAboutProblem } from '../render/problems.ts';
import { renderTable } from '../render/table.ts';
import { tellingPeople } from '../render/told.ts';
import { visible } from '../render/visible.ts';

const PROGRAM = 'rc-instance';

export const command: Command = {
  summary: 'Makes services of the templates in the live database, and removes them, while everything runs',
  operands: 'create|remove|list|env [NAME] [KEY=VALUE…]',
  options: {
    env: { short: 'e', value: 'KEY=VALUE', help: 'create: a variable for its scripts' },
    'env-file': {
      value: 'FILE',
      help: 'variables that nobody is to see on a command line: KEY=VALUE, each with a NUL at its end',
    },
    unset: { short: 'u', value: 'KEY', help: 'env: it is not set any more' },
    up: { help: 'create: bring it up as well' },
    persist: { help: 'create: keep it for the next boot (in RC_INSTANCES)' },
    down: { help: 'remove: stop it, and what needs it, first' },
    restart: { help: 'env: restart it at once, if it is up' },
    timeout: { short: 't', value: 'TIME', help: 'for everything together' },
    'no-wait': { help: 'exit 6 instead of waiting for another command' },
    json: { help: 'list, env: as JSON' },
    live: LIVE_OPTION,
  },
  examples: [
    ['rc-instance create -e PORT=1194 --up openvpn@berlin', 'a service openvpn@berlin from the template openvpn@'],
    ['rc-instance env openvpn@berlin PORT=1195 --restart', 'another port, at once'],
    ['rc-instance remove --down openvpn@berlin', 'stop it, and remove it'],
  ],
  acts: true,
  run,
};

interface Patience {
  readonly noWait: boolean;
  readonly deadline: Deadline;
}

async function run(call: Call): Promise<number> {
  const timeout = timeoutFrom(call);
  if (!timeout.ok) return wrongUsage(PROGRAM, timeout.problem);
  const patience = { noWait: call.has('no-wait'), deadline: deadlineIn(timeout.value) };
  const [verb, ...operands] = call.operands;
  switch (verb) {
    case 'create':
      return await onOne(operands, (name) => create(call, name, patience));
    case 'remove':
      return await onOne(operands, (name) => remove(call, name, patience));
    case 'list':
      return operands.length > 1 ? wrongUsage(PROGRAM, 'list takes one template') : list(call, operands[0]);
    case 'env':
      return await env(call, operands, patience);
    default:
      return wrongUsage(PROGRAM, 'say create, remove, list or env');
  }
}

async function onOne(operands: readonly string[], act: (name: string) => Promise<number>): Promise<number> {
  const [name, ...more] = operands;
  if (name === undefined || more.length > 0) return wrongUsage(PROGRAM, 'name one instance: TEMPLATE@INSTANCE');
  return await act(name);
}

async function create(call: Call, name: string, patience: Patience): Promise<number> {
  const variables = variablesFrom(call, call.values('env'));
  if (!variables.ok) return wrongUsage(PROGRAM, variables.problem);
  const root = rootOf(call);
  const request = {
    root,
    name,
    variables: variables.value,
    keepIn: call.has('persist') ? keptInstancesPath() : null,
    ...patience,
  };
  const made = await createInstance(request, callerOf(PROGRAM));
  if (!made.ok) return complainAboutInstance(PROGRAM, made.problem);
  return call.has('up') ? await changeNow(call, { way: 'up', names: [name], ...patience }) : EXIT.success;
}

async function remove(call: Call, name: string, patience: Patience): Promise<number> {
  const root = rootOf(call);
  const request = { root, name, ...patience };
  if (call.has('down')) {
    const going = removedWith(request, tellingPeople(PROGRAM));
    if (!going.ok) return complainAboutInstance(PROGRAM, going.problem);
    const status = await changeNow(call, { way: 'down', names: going.value, ...patience });
    if (status !== EXIT.success) return status;
  }
  const removed = await removeInstance(request, callerOf(PROGRAM));
  return removed.ok ? EXIT.success : complainAboutInstance(PROGRAM, removed.problem);
}

/** As rc-change does it, and with its exit status. */
async function changeNow(call: Call, request: Pick<ChangeRequest, 'way' | 'names' | keyof Patience>): Promise<number> {
  const people = tellingPeople('muster');
  const made = await changeCallOf({ program: PROGRAM, json: false, terminal: ownTerminal(), others: people.emit });
  const usual = { forced: false, all: false, prune: false, release: false, jobs: undefined };
  const changed = await change({ ...usual, ...request, root: rootOf(call) }, made.caller).finally(made.stopDrawing);
  return changed.ok ? await made.end(changed.value) : complainAboutProblem(PROGRAM, changed.problem);
}

function list(call: Call, template: string | undefined): number {
  const listed = listInstances({ root: rootOf(call), template }, tellingPeople(PROGRAM));
  if (!listed.ok) return complainAboutProblem(PROGRAM, listed.problem);
  if (call.has('json')) {
    print(`${JSON.stringify({ version: 1, instances: listed.value })}\n`);
    return EXIT.success;
  }
  const rows = listed.value.map(({ name, state, persist, env }) => [
    name,
    state,
    persist ? 'persists' : '',
    Object.keys(env ?? {}).join(' '),
  ]);
  print(renderTable(rows));
  return EXIT.success;
}

async function env(call: Call, operands: readonly string[], patience: Patience): Promise<number> {
  const [name, ...words] = operands;
  if (name === undefined) return wrongUsage(PROGRAM, 'name one instance: TEMPLATE@INSTANCE');
  const root = rootOf(call);
  const unset = call.values('unset');
  if (words.length === 0 && unset.length === 0 && !call.has('env-file')) return printVariables(call, root, name);
  const set = variablesFrom(call, words);
  if (!set.ok) return wrongUsage(PROGRAM, set.problem);
  const changed = await changeVariables({ root, name, set: set.value, unset, ...patience }, callerOf(PROGRAM));
  if (!changed.ok) return complainAboutInstance(PROGRAM, changed.problem);
  if (!call.has('restart') || !changed.value || !isUp(root, name)) return EXIT.success;
  return await changeNow(call, { way: 'restart', names: [name], ...patience });
}

function printVariables(call: Call, root: string, name: string): number {
  const variables = variablesOfInstance({ root, name }, tellingPeople(PROGRAM));
  if (!variables.ok) return complainAboutInstance(PROGRAM, variables.problem);
  const lines = variables.value.map(([variable, value]) => `${variable}=${visible(value)}\n`).join('');
  print(call.has('json') ? `${JSON.stringify({ version: 1, env: Object.fromEntries(variables.value) })}\n` : lines);
  return EXIT.success;
}

function isUp(root: string, name: string): boolean {
  const listed = listInstances({ root }, tellingPeople(PROGRAM));
  return listed.ok && listed.value.some((instance) => instance.name === name && instance.state !== 'down');
}

/** `words`, after those of a file. Throws what the system says of that. */
function variablesFrom(call: Call, words: readonly string[]): ReturnType<typeof pairsOf> {
  const file = call.value('env-file');
  const kept = file === undefined ? [] : readRegularText(file, { follow: true }).split('\0').slice(0, -1);
  return pairsOf([...kept, ...words]);
}

/** A problem: what is wrong with them. */
function pairsOf(words: readonly string[]): Result<readonly (readonly [string, string])[], string> {
  const pairs = new Map<string, string>();
  for (const word of words) {
    const split = word.indexOf('=');
    if (split < 1) return failure(`'${word}' is not KEY=VALUE`);
    pairs.set(word.slice(0, split), word.slice(split + 1));
  }
  return success([...pairs]);
}
