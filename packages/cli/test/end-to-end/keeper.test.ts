/** Whoever kills the tree, its keeper has it back; and nobody has it back that was told to end. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, readFileSync, renameSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import { hasEnded } from '@muster/posix/test/processes';
import { copySync } from 'fs-extra/esm';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Machine, ROOT } from './machine.ts';
import { statusOf } from './seen-by-commands.ts';

let machine: Machine;
beforeEach(() => {
  machine = new Machine(join(import.meta.dirname, 'sources/pair'), () => ({}));
  machine.must('rc-compile', machine.source, machine.compiled);
});
afterEach(() => machine.dispose());

const pidOf = (words: string) => machine.processes().find(({ command }) => command.includes(words))?.pid;
const tree = () => pidOf(' svscan --live ');
const keeper = () => pidOf('/live/keep');

/** Returns the next one. */
async function killTree(): Promise<number> {
  const was = tree()!;
  process.kill(was, 'SIGKILL');
  const now = await eventually('another tree', () => {
    const pid = tree();
    return pid !== undefined && pid !== was ? pid : null;
  });
  await eventually('it serves', () => !existsSync(join(machine.live, 'away')));
  return now;
}

function boot(...options: string[]): void {
  machine.must('rc-init', ...options);
  machine.must('rc-change', 'upper');
}

test('a tree that is killed is back, with the same services, and killed again, back again', async () => {
  boot();
  const before = statusOf(machine).get('upper')!.pid;
  await killTree();
  await killTree();
  await eventually('it is seen', () => statusOf(machine).get('upper')!.pid === before);
});

test('a keeper that is killed is back, and does what the first one did', async () => {
  boot();
  const was = keeper()!;
  process.kill(was, 'SIGKILL');
  await eventually('another keeper', () => ![undefined, was].includes(keeper()));
  await killTree();
  machine.must('rc-shutdown');
  expect(machine.processes()).toEqual([]);
});

test('what is told to end stays away: at rc-shutdown, and while the tree is being killed', async () => {
  boot();
  process.kill(tree()!, 'SIGKILL');
  machine.must('rc-shutdown');
  expect(machine.processes()).toEqual([]);
  expect(existsSync(machine.live)).toBe(false);
});

test('a tree that cannot live is given up, rc-status says so, and rc-init starts it when it can', async () => {
  boot();
  const script = join(machine.live, 'keep');
  const text = readFileSync(script, 'utf8');
  writeFileSync(script, text.replace(/for muster in .*; do/, 'for muster in /bin/false; do'));
  process.kill(keeper()!, 'SIGKILL');
  // The tree's new keeper has read the script that starts what cannot live.
  await eventually('another keeper', () => pidOf('/live/keep'));
  process.kill(tree()!, 'SIGKILL');
  const away = join(machine.live, 'away');
  await eventually('it is given up', () => existsSync(away) && readFileSync(away, 'utf8').includes('10 times'));
  await eventually('the keeper ends', () => keeper() === undefined);
  const { status, stderr } = machine.run('rc-status', '--check');
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: expect.stringMatching(
      /^rc-status: the supervision tree is away since \S+ \(.*\): it died 10 times within a minute, and its keeper has given up/,
    ),
  });
  for (const days of [-2, 2]) {
    const date = Date.now() / 1000 + days * 86_400;
    utimesSync(away, date, date);
    expect(machine.run('rc-status').stderr).toMatch(/ is away since \S+ \(\d+(\.\d+)? m?s\): it died 10 times/);
  }
  machine.must('rc-init');
  expect(tree()).toBeDefined();
  expect(machine.run('rc-status').stderr).toBe('');
});

test('with --no-keeper nobody starts it again, and rc-status says that it is away', async () => {
  boot('--no-keeper');
  process.kill(tree()!, 'SIGKILL');
  await eventually('it is away', () => tree() === undefined);
  const { tree: told } = JSON.parse(machine.run('rc-status', '--json').stdout);
  expect(told).toMatchObject({ running: false, since: null, keeper: 'none' });
  expect(machine.run('rc-status').stderr).toContain('the supervision tree is away: nobody starts it again by itself');
});

test('the tree that a keeper starts is of the executable that is there by then', async () => {
  const bin = join(machine.directory, 'bin');
  copySync(join(ROOT, 'build'), bin);
  machine.environment.PATH = `${bin}:${machine.environment.PATH}`;
  boot();
  // Another file of the same bytes.
  copyFileSync(join(bin, 'muster'), join(bin, 'new'));
  renameSync(join(bin, 'new'), join(bin, 'muster'));
  const { ino } = statSync(join(bin, 'muster'));
  expect(statSync(`/proc/${tree()}/exe`).ino).not.toBe(ino);
  const now = await killTree();
  expect(statSync(`/proc/${now}/exe`).ino).toBe(ino);
  machine.must('rc-change', 'base');
});

test('five commands at once, after tree and keeper were killed, make one tree and one keeper', async () => {
  boot();
  // A stopped tree starts no other keeper.
  const killed = [keeper()!, tree()!];
  process.kill(killed[1]!, 'SIGSTOP');
  for (const pid of killed) process.kill(pid, 'SIGKILL');
  await eventually('both have ended', () => killed.every(hasEnded));
  const commands = ['base', 'upper', 'base', 'upper', 'base'].map((name) =>
    once(spawn('rc-change', [name], { env: machine.environment, stdio: 'ignore' }), 'exit'),
  );
  for (const command of commands) expect((await command)[0]).toBe(0);
  const running = (words: string) => machine.processes().filter(({ command }) => command.includes(words));
  await eventually('the others have ended', () => running(' svscan --live ').length === 1);
  await eventually('one keeper is left', () => running('/live/keep').length === 1);
  expect([...statusOf(machine).values()].map(({ state }) => state)).toEqual(['up', 'up']);
});
