/** Changes that are interrupted or killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { unreadIn } from '@muster/posix/fifo';
import { eventually } from '@muster/posix/test/eventually';
import { describe, expect, test } from 'vitest';
import type { Tree } from '../compile/trees.ts';
import type { TestSite } from '../update/test-site.ts';
import { bootingSites } from './booting-sites.ts';

const siteWith = bootingSites();

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once('exit', resolve));
}

const WAITS_FOR_GO = 'sh -c "while [ ! -e $ORDER_LOG.go ]; do sleep 0.02; done; echo up script >>$ORDER_LOG"\n';

test('SIGINT: scripts finish, longruns are left to themselves, nothing new starts, and it says what was left', async () => {
  const site = await siteWith({
    'script/type': 'oneshot\n',
    'script/up': WAITS_FOR_GO,
    'mute/type': 'longrun\n',
    'mute/run': '#!/bin/sh\nexec sleep 1000000\n',
    'mute/notification-fd': '3\n',
    'later/type': 'oneshot\n',
    'later/up': 'sh -c "echo up later >>$ORDER_LOG"\n',
    'later/dependencies.d/script': '',
  });
  const told = join(site.root, 'told');
  const heard = () => readFileSync(told, 'utf8');
  const change = spawn(join(site.environment.MUSTER_BUILD, 'rc-change'), ['--json', 'later', 'mute'], {
    env: site.environment,
    stdio: ['ignore', openSync(told, 'w'), 'ignore'],
  });
  const ended = exitOf(change);
  await eventually('both have begun', () => heard().match(/"starting"/g)?.length === 2);
  change.kill('SIGINT');
  await eventually('the longrun is given up', () => heard().includes('"cancelled"'));
  await site.execute('/bin/sh', ['-c', 'touch "$ORDER_LOG.go"']);
  expect(await ended).toBe(1);
  expect(site.log()).toEqual(['up script']);
  const done = JSON.parse(heard().trimEnd().split('\n').at(-1)!);
  expect(done).toMatchObject({
    event: 'done',
    end: 'cancelled',
    up: ['script'],
    failed: [{ service: 'mute', cause: 'cancelled' }],
    left: [{ service: 'later', action: 'up' }],
  });
});

function layered(): Tree {
  const files = Array.from({ length: 24 }, (_, n): [string, string][] => {
    const kind = n % 3 === 0 ? 'longrun' : 'oneshot';
    const needs = n < 4 ? [] : [`s${n - 4}`, `s${n - 3}`];
    return [
      [`s${n}/type`, `${kind}\n`],
      ...(kind === 'longrun'
        ? ([
            [`s${n}/run`, '#!/bin/sh\nsleep 0.01\necho >&3\nexec 3>&-\nexec sleep 1000000\n'],
            [`s${n}/notification-fd`, '3\n'],
          ] as [string, string][])
        : ([[`s${n}/up`, `sh -c "sleep 0.01; echo up s${n} >>$ORDER_LOG"\n`]] as [string, string][])),
      ...needs.map((need): [string, string] => [`s${n}/dependencies.d/${need}`, '']),
    ];
  });
  return Object.fromEntries(files.flat());
}

test('SIGKILL of the client, 40 times, at any moment: the next command goes on, and reaches the goal', async () => {
  const site = await siteWith(layered());
  const all = Array.from({ length: 24 }, (_, n) => `s${n}`);
  for (let round = 0; round < 20; round++) {
    for (const way of ['-u', '-d']) {
      const seconds = String((((round * 7919) % 31) + 0.1) / 200);
      await site.execute('timeout', ['-s', 'KILL', seconds, site.command('rc-change'), way, ...all]);
      const { status, stderr } = await site.runAside('rc-change', '-t', '60s', way, ...all);
      expect(status, stderr).toBe(0);
      expect(await site.up()).toEqual(way === '-u' ? [...all].sort() : []);
    }
  }
}, 240_000);

describe('an order that the tree has not read yet when its client is killed', () => {
  const TREE: Tree = Object.fromEntries(
    ['web', 'later'].flatMap((name) => [
      [`${name}/type`, 'longrun\n'],
      [`${name}/run`, '#!/bin/sh\nexec sleep 1000000\n'],
    ]),
  );

  /** Orders of two commands, of which the first is killed, are read together. */
  async function oneAfterTheOther(site: TestSite, first: readonly string[], event: string, second: readonly string[]) {
    const [tree] = site.trees();
    process.kill(tree!, 'SIGSTOP');
    const told = join(site.root, 'told');
    const change = spawn(site.command('rc-change'), ['--json', ...first], {
      env: site.environment,
      stdio: ['ignore', openSync(told, 'w'), 'ignore'],
    });
    const killed = exitOf(change);
    const control = join(site.live, 'scan/.rc-svscan/control');
    // It is told before it is given.
    await eventually('the order', () => readFileSync(told, 'utf8').includes(`"${event}"`) && unreadIn(control) > 0);
    change.kill('SIGKILL');
    await killed;
    await site.must('rc-change', ...second);
    process.kill(tree!, 'SIGCONT');
    // Orders are read as they come: this one is the last.
    await site.must('rc-change', 'later');
  }

  test('a stop does not undo the next start', async () => {
    const site = await siteWith(TREE);
    await site.must('rc-change', 'web');
    const before = (await site.pids()).get('web')!;
    await oneAfterTheOther(site, ['-d', 'web'], 'stopping', ['web']);
    await eventually('another start', async () => ![before, undefined].includes((await site.pids()).get('web')));
  });

  test('a start does not undo the next stop', async () => {
    const site = await siteWith(TREE);
    await oneAfterTheOther(site, ['web'], 'starting', ['-d', 'web']);
    await eventually('its end', async () => !(await site.pids()).has('web'));
  });
});
