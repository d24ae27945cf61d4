/** Whoever kills the tree, its keeper has it back; and nobody has it back that was told to end. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@muster/supervise/test/eventually';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Machine } from './machine.ts';
import { statusOf } from './status.ts';

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
