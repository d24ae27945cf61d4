/** Several commands at once: they wait for each other's services only, say for whom, and never for ever. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import { afterEach, expect, test } from 'vitest';
import { Machine } from './machine.ts';
import { statusOf } from './seen-by-commands.ts';
import { type Source, writeSource } from './supervisors.ts';

let machine: Machine;
afterEach(() => machine?.dispose());

function boot(source: (directory: string) => Source): void {
  const empty = mkdtempSync(join(tmpdir(), 'muster-empty-'));
  machine = new Machine(empty, () => ({}));
  rmSync(empty, { recursive: true });
  const services = source(machine.directory);
  writeSource(machine.source, services);
  // Without its execute bit, an `up` is words and not a script.
  for (const [name, { up }] of Object.entries(services)) {
    if (up?.startsWith('#!')) chmodSync(join(machine.source, name, 'up'), 0o755);
  }
  machine.must('rc-compile', machine.source, machine.compiled);
  machine.must('rc-init');
}

const daemon = { type: 'longrun\n', run: '#!/bin/sh\nexec sleep 1000\n' };

/** A oneshot that says that it runs, and ends when it is told to. */
function gated(directory: string, name: string, more: Record<string, string> = {}) {
  const script = `#!/bin/sh\n: > ${directory}/${name}.runs\nwhile ! [ -e ${directory}/${name}.go ]; do sleep 0.02; done\n`;
  return { type: 'oneshot\n', up: script, ...more };
}

const runs = (name: string) => eventually(`${name} runs`, () => existsSync(join(machine.directory, `${name}.runs`)));
const letGo = (name: string) => writeFileSync(join(machine.directory, `${name}.go`), '');

interface Running {
  readonly process: ChildProcess;
  stderr(): string;
  readonly ended: Promise<number | null>;
}

/** A command that goes on while the test does. */
function start(command: string, ...args: string[]): Running {
  const child = spawn(command, args, { env: machine.environment, stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = new Promise<number | null>((resolve) => {
    child.on('close', resolve);
  });
  return { process: child, stderr: () => stderr, ended };
}

test('who waits says for whom, and goes on when that one is done', async () => {
  boot((directory) => ({
    slow: gated(directory, 'slow'),
    web: { ...daemon, 'dependencies.d/slow': '' },
    mail: { ...daemon, 'dependencies.d/slow': '' },
  }));
  const first = start('rc-change', 'web');
  await runs('slow');
  const second = start('rc-change', 'mail');
  await eventually('mail waits', () => second.stderr().includes('waiting'));
  expect(second.stderr()).toContain(`rc-change web (pid ${first.process.pid})`);
  letGo('slow');
  expect(await first.ended).toBe(0);
  expect(await second.ended).toBe(0);
  expect(statusOf(machine).get('mail')!.state).toBe('up');
});

test('with --no-wait it exits 6 at once, and nothing has changed', async () => {
  boot((directory) => ({ slow: gated(directory, 'slow'), mail: { ...daemon, 'dependencies.d/slow': '' } }));
  const first = start('rc-change', 'slow');
  await runs('slow');
  const answer = machine.run('rc-change', '--no-wait', 'mail');
  expect(answer.status).toBe(6);
  expect(answer.stderr).toContain('rc-change slow');
  expect(statusOf(machine).get('mail')!.state).not.toBe('up');
  letGo('slow');
  expect(await first.ended).toBe(0);
});

test('a script that waits for what waits for it is told so at once', () => {
  boot((directory) => ({
    web: daemon,
    selfish: {
      type: 'oneshot\n',
      up: `#!/bin/sh\nrc-change selfish 2> ${directory}/told\necho $? > ${directory}/status\n`,
    },
    outer: {
      type: 'oneshot\n',
      up: `#!/bin/sh\nrc-change inner 2> ${directory}/told2\necho $? > ${directory}/status2\n`,
    },
    inner: { ...daemon, 'dependencies.d/outer': '' },
    free: { type: 'oneshot\n', up: '#!/bin/sh\nexec rc-change web\n' },
  }));
  machine.must('rc-change', 'selfish');
  expect(readFileSync(join(machine.directory, 'status'), 'utf8')).toBe('5\n');
  expect(readFileSync(join(machine.directory, 'told'), 'utf8')).toContain('waits for the script that called this');
  machine.must('rc-change', 'outer');
  expect(readFileSync(join(machine.directory, 'status2'), 'utf8')).toBe('5\n');
  machine.must('rc-change', 'free');
  expect(statusOf(machine).get('web')!.state).toBe('up');
});

test('two scripts that wait for each other: one of them is told so, and both commands end', async () => {
  boot((directory) => ({
    left: {
      type: 'oneshot\n',
      up: `#!/bin/sh\n: > ${directory}/left.runs\nwhile ! [ -e ${directory}/right.runs ]; do sleep 0.02; done\nrc-change right 2>> ${directory}/told || true\n`,
    },
    right: {
      type: 'oneshot\n',
      up: `#!/bin/sh\n: > ${directory}/right.runs\nwhile ! [ -e ${directory}/left.runs ]; do sleep 0.02; done\nrc-change left 2>> ${directory}/told || true\n`,
    },
  }));
  const commands = [start('rc-change', 'left'), start('rc-change', 'right')];
  expect(await Promise.all(commands.map(({ ended }) => ended))).toEqual([0, 0]);
  expect(readFileSync(join(machine.directory, 'told'), 'utf8')).toContain('waits for the script that called this');
});

test('30 commands at once, some for the same services, some against each other', async () => {
  const names = Array.from({ length: 12 }, (_, i) => `s${i}`);
  boot(() =>
    Object.fromEntries(
      names.map((name, i) => [
        name,
        {
          ...(i % 3 === 0 ? { type: 'oneshot\n', up: 'true\n', down: 'true\n' } : daemon),
          ...(i > 1 ? { [`dependencies.d/s${i - 2}`]: '' } : {}),
        },
      ]),
    ),
  );
  const commands = Array.from({ length: 30 }, (_, i) => {
    const name = names[(i * 7) % names.length]!;
    return i % 5 === 4 ? start('rc-change', '-d', name) : start('rc-change', name);
  });
  const ends = await Promise.all(commands.map(({ ended }) => ended));
  // Overruled by a later one: 1. Anything else would be a fault of ours.
  for (const [i, end] of ends.entries()) expect([0, 1], commands[i]!.stderr()).toContain(end);
  machine.must('rc-change', ...names);
  for (const { name, state } of statusOf(machine).values()) expect(state, name).toBe('up');
  machine.must('rc-status', '--check');
});

test('a controller starts, restarts and stops 50 services while the boot that started it waits', async () => {
  const tunnels = Array.from({ length: 50 }, (_, i) => `tunnel${i}`);
  const work = (directory: string) =>
    [
      '#!/bin/sh',
      'echo >&3; exec 3>&-',
      `: > ${directory}/controller.runs`,
      ...['', '--restart ', '-d '].map((how) => {
        const each = `rc-change ${how}tunnel$i 2>> ${directory}/complaints || echo "${how}tunnel$i: $?" >> ${directory}/failures &`;
        return `i=0; while [ $i -lt 50 ]; do ${each} i=$((i+1)); done; wait; : > ${directory}/done${how.trim()}`;
      }),
      'exec sleep 1000',
      '',
    ].join('\n');
  boot((directory) => ({
    base: daemon,
    slow: gated(directory, 'slow', { 'dependencies.d/base': '' }),
    late: { ...daemon, 'dependencies.d/slow': '' },
    controller: { type: 'longrun\n', run: work(directory), 'notification-fd': '3\n', 'dependencies.d/base': '' },
    default: { type: 'bundle\n', 'contents.d/late': '', 'contents.d/controller': '' },
    ...Object.fromEntries(tunnels.map((name) => [name, { ...daemon, 'dependencies.d/base': '' }])),
  }));
  const bootCommand = start('rc-change', 'default');
  await runs('slow');
  const read = (file: string) =>
    existsSync(join(machine.directory, file)) ? readFileSync(join(machine.directory, file), 'utf8') : '';
  await eventually('all tunnels were started, restarted and stopped', () =>
    existsSync(join(machine.directory, 'done-d')),
  );
  expect(read('failures'), read('complaints')).toBe('');
  expect(bootCommand.process.exitCode).toBeNull();
  expect(statusOf(machine).get('late')!.state).not.toBe('up');
  letGo('slow');
  expect(await bootCommand.ended).toBe(0);
  const status = statusOf(machine);
  for (const name of tunnels) expect(status.get(name)!.state).toBe('down');
});

test('rc-status answers, whole, again and again while a change is under way', async () => {
  const names = Array.from({ length: 40 }, (_, i) => `s${i}`);
  boot((directory) => ({
    ...Object.fromEntries(names.map((name) => [name, daemon])),
    slow: gated(directory, 'slow'),
    all: { type: 'bundle\n', ...Object.fromEntries([...names, 'slow'].map((name) => [`contents.d/${name}`, ''])) },
  }));
  const change = start('rc-change', 'all');
  const seen = new Set<string>();
  for (let looks = 0; looks < 40; looks++) {
    const status = statusOf(machine);
    expect(status.size).toBe(41);
    for (const { state } of status.values()) seen.add(state);
  }
  expect([...seen]).toContain('starting');
  expect(change.process.exitCode).toBeNull();
  letGo('slow');
  expect(await change.ended).toBe(0);
});
