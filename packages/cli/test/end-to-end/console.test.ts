/** Oneshots that ask the operator: on the terminal of rc-change, and through rc-answer. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { statusOf } from './seen-by-commands.ts';
import { kindsHere, type Source, SupervisedMachine } from './supervisors.ts';
import { Terminal } from './terminal.ts';

const ASKERS = ['unlock', 'second'];

/** `unlock` and `second` ask, and leave the terminal without echo; `broken` fails later than they may take. */
function source(directory: string): Source {
  const ask = `#!/bin/sh
[ ! -t 0 ] || stty -echo
printf '%s? ' "$RC_NAME"
read -r answer
printf '%s\\n' "$answer" > ${directory}/$RC_NAME.answer
[ "$answer" = right ]
`;
  const asker = { type: 'oneshot\n', up: ask, 'flag-console': '', 'timeout-up': '200\n' };
  return {
    unlock: asker,
    second: asker,
    broken: { type: 'oneshot\n', up: 'sh -c "sleep 0.6; exit 1"\n' },
    plain: { type: 'oneshot\n', up: '' },
    disks: { type: 'longrun\n', run: '#!/bin/sh\nexec sleep 1000\n', 'dependencies.d/unlock': '' },
  };
}

let site: SupervisedMachine;
let terminals: Terminal[] = [];
let commands: ChildProcess[] = [];

async function boot(kind: SupervisedMachine['kind']): Promise<void> {
  site = new SupervisedMachine(kind, source);
  for (const name of ASKERS) chmodSync(join(site.machine.source, name, 'up'), 0o755);
  await site.boot();
}

afterEach(() => {
  for (const terminal of terminals) terminal.close();
  for (const command of commands) command.kill('SIGKILL');
  terminals = [];
  commands = [];
  site.dispose();
});

function onTerminal(line: string): Terminal {
  const terminal = new Terminal(line, site.machine.environment);
  terminals.push(terminal);
  return terminal;
}

/** Without any terminal. */
function alone(...words: string[]) {
  const command = spawn(words[0]!, words.slice(1), {
    env: site.machine.environment,
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  commands.push(command);
  let told = '';
  command.stderr.setEncoding('utf8').on('data', (text: string) => {
    told += text;
  });
  const ended = new Promise<number | null>((resolve) => {
    command.on('close', resolve);
  });
  return { ended, told: () => told };
}

const answerTo = (name: string) => site.read(`${name}.answer`);
const stateOf = (name: string) => statusOf(site.machine).get(name)!;
const waits = (name: string) => eventually(`${name} asks`, () => /rc-answer/.test(stateOf(name).reason ?? ''));

describe.each(kindsHere())('a oneshot that asks, on %s', (kind) => {
  beforeEach(() => boot(kind));

  test('has the terminal of rc-change to itself, for as long as it likes, and without echo', async () => {
    const terminal = onTerminal('rc-change disks broken');
    await terminal.shows('unlock? ');
    await eventually('broken has failed', () => stateOf('broken').state === 'failed');
    expect(terminal.output.endsWith('unlock? ')).toBe(true);
    expect(stateOf('unlock')).toMatchObject({ state: 'starting', reason: 'asks on the terminal of who started it' });
    terminal.type('right\n');
    expect(await terminal.ended).toBe(1);
    expect(answerTo('unlock')).toBe('right\n');
    expect(terminal.output).not.toContain('right');
    expect(terminal.output.split('unlock? ')[1]).toContain('broken  start failed: it exited with 1');
    expect(stateOf('disks').state).toBe('up');
  });

  test('is answered by rc-answer where there is no terminal', async () => {
    const change = alone('rc-change', 'disks', 'broken');
    await waits('unlock');
    await eventually('broken has failed', () => stateOf('broken').state === 'failed');
    expect(stateOf('unlock').state).toBe('starting');
    expect(site.machine.must('rc-why', 'disks')).toContain(
      'unlock is starting: waits for an answer: rc-answer unlock\n',
    );
    expect(site.machine.run('sh', '-c', 'echo right | rc-answer unlock').status).toBe(0);
    expect(await change.ended).toBe(1);
    expect(change.told()).toContain('asks     unlock  waits for an answer: rc-answer unlock\n');
    expect(answerTo('unlock')).toBe('right\n');
    expect(stateOf('disks').state).toBe('up');
    expect(existsSync(join(site.machine.live, 'services/unlock/answer'))).toBe(false);
  });
});

describe('the console', () => {
  beforeEach(() => boot('embedded'));

  test('rc-answer asks on its own terminal, and shows nothing of the answer', async () => {
    const change = alone('rc-change', 'unlock');
    await waits('unlock');
    const terminal = onTerminal('rc-answer unlock; stty -a');
    await terminal.shows('answer for unlock: ');
    terminal.type('right\n');
    expect(await terminal.ended).toBe(0);
    expect(await change.ended).toBe(0);
    expect(terminal.output).not.toContain('right');
    expect(terminal.output).toMatch(/\secho\s/);
  });

  test.each(['INT', 'TERM', 'HUP'])('rc-answer that SIG%s ends leaves a terminal with echo', async (signal) => {
    alone('rc-change', 'unlock');
    await waits('unlock');
    const terminal = onTerminal('rc-answer unlock; echo "ended with $?"; stty -a');
    await terminal.shows('answer for unlock: ');
    const found = site.machine.processes().find(({ command }) => /^rc-answer/.test(command));
    process.kill(found!.pid, `SIG${signal}`);
    expect(await terminal.ended).toBe(0);
    expect(terminal.output).toMatch(/ended with 1\d\d/);
    expect(terminal.output).toMatch(/\secho\s/);
    expect(answerTo('unlock')).toBe('');
  });

  test('rc-answer refuses who does not wait, and does not know who is not there', () => {
    const idle = site.machine.run('rc-answer', 'unlock');
    expect(idle).toMatchObject({ status: 1, stderr: 'rc-answer: unlock does not wait for an answer\n' });
    expect(site.machine.run('rc-answer', 'plain').status).toBe(1);
    expect(site.machine.run('rc-answer', 'unlocked').status).toBe(3);
  });

  test('two that ask have the terminal one after the other', async () => {
    const terminal = onTerminal('rc-change unlock second');
    await terminal.shows('? ');
    const [first, other] = terminal.output.includes('unlock? ') ? ASKERS : [...ASKERS].reverse();
    expect(terminal.output).not.toContain(`${other}? `);
    terminal.type('right\n');
    await terminal.shows(`${other}? `);
    expect(answerTo(first!)).toBe('right\n');
    terminal.type('right\n');
    expect(await terminal.ended).toBe(0);
    expect(answerTo(other!)).toBe('right\n');
  });

  test('rc-change is killed: the question ends with it, the terminal echoes again, and the next one asks again', async () => {
    const terminal = onTerminal('rc-change unlock; until stty -a | grep -q " echo "; do :; done; echo restored');
    await terminal.shows('unlock? ');
    const found = site.machine.processes().find(({ command }) => /^rc-change/.test(command));
    process.kill(found!.pid, 'SIGKILL');
    await terminal.shows('restored');
    await eventually('unlock has failed', () => stateOf('unlock').state === 'failed');
    const again = onTerminal('rc-change unlock');
    await again.shows('unlock? ');
    again.type('right\n');
    expect(await again.ended).toBe(0);
    expect(stateOf('unlock').state).toBe('up');
  });

  test('the tree is killed: the script goes on, and the terminal comes back with its echo', async () => {
    const terminal = onTerminal('rc-change unlock; echo "ended with $?"; stty -a');
    await terminal.shows('unlock? ');
    const tree = () => site.machine.processes().find(({ command }) => / svscan /.test(command))?.pid;
    const before = tree()!;
    process.kill(before, 'SIGKILL');
    await eventually('another tree', () => (tree() ?? before) !== before);
    terminal.type('right\n');
    await terminal.ended;
    expect(terminal.output).toContain('ended with 0');
    expect(terminal.output).toMatch(/\secho\s/);
    expect(answerTo('unlock')).toBe('right\n');
  });

  test('a time limit for the whole change ends the question too', async () => {
    const terminal = onTerminal('rc-change -t 5s unlock; echo "ended with $?"; stty -a');
    await terminal.shows('unlock? ');
    await terminal.ended;
    expect(terminal.output).toContain('ended with 2');
    expect(terminal.output).toMatch(/\secho\s/);
    await eventually('unlock has failed', () => stateOf('unlock').state === 'failed');
  });

  test('in the background the keyboard is left to the shell', async () => {
    const terminal = onTerminal('set -m; rc-change unlock & wait');
    await waits('unlock');
    expect(site.machine.run('sh', '-c', 'echo right | rc-answer unlock').status).toBe(0);
    await terminal.ended;
    expect(terminal.output).not.toContain('unlock? ');
    expect(terminal.output).toContain('waits for an answer: rc-answer unlock');
    expect(stateOf('unlock').state).toBe('up');
  });

  test('Ctrl-C ends the question', async () => {
    const terminal = onTerminal('trap : INT; rc-change unlock; echo "ended with $?"; stty -a');
    await terminal.shows('unlock? ');
    terminal.type('\x03');
    await terminal.ended;
    expect(terminal.output).toContain('ended with 1');
    expect(terminal.output).toMatch(/\secho\s/);
    expect(stateOf('unlock').state).toBe('failed');
  });

  test('who wants the service down takes the question back', async () => {
    const change = alone('rc-change', 'unlock');
    await waits('unlock');
    site.machine.must('rc-change', '-d', 'unlock');
    expect(await change.ended).toBe(1);
    expect(stateOf('unlock').state).toBe('down');
  });

  test('rc-change asks on the terminal that it is told, as at boot', async () => {
    const terminal = onTerminal(`stty raw -echo; tty > ${site.machine.directory}/tty; sleep 1000`);
    const path = await eventually('the name of the terminal', () => site.read('tty').trim() || null);
    const change = alone('rc-change', '--console', path, 'unlock');
    await terminal.shows('unlock? ');
    terminal.type('right\n');
    expect(await change.ended).toBe(0);
    expect(answerTo('unlock')).toBe('right\n');
  });
});
