/** A daemon without readiness that comes up and dies while the change still goes on. */
import { spawn } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import { expect, test } from 'vitest';
import { bootingSites } from './booting-sites.ts';

const siteWith = bootingSites();

test('is not counted as up in the end, and its exit and last words are told', async () => {
  const site = await siteWith({
    'slow/type': 'oneshot\n',
    'slow/up': 'sh -c "while [ ! -e $ORDER_LOG.go ]; do sleep 0.02; done"\n',
    'flaky/type': 'longrun\n',
    'flaky/run': '#!/bin/sh\necho no such table >&2\nexit 3\n',
    'flaky/restart': 'never\n',
    'sound/type': 'longrun\n',
    'sound/run': '#!/bin/sh\nexec sleep 1000000\n',
  });
  const told = join(site.root, 'told');
  const change = spawn(site.command('rc-change'), ['slow', 'flaky', 'sound'], {
    env: site.environment,
    stdio: ['ignore', 'ignore', openSync(told, 'w')],
  });
  const ended = new Promise((resolve) => change.once('exit', resolve));
  const stateOf = async (name: string) => (await site.services()).find((service) => service.name === name)?.state;
  await eventually('it is dead', async () => (await stateOf('flaky')) === 'failed');
  await site.execute('/bin/sh', ['-c', 'touch "$ORDER_LOG.go"']);
  await ended;
  const lines = readFileSync(told, 'utf8').split('\n');
  expect(lines).toContain('died     flaky  soon after it came up: it exited with 3');
  expect(lines.find((line) => line.includes('no such table'))).toBeDefined();
  expect(lines.at(-2)).toMatch(/^2 up, 1 died in /);
  const { steps } = JSON.parse(await site.must('rc-timeline', '--json'));
  expect(steps.map(({ service, how }: { service: string; how: string }) => [service, how]).toSorted()).toEqual([
    ['flaky', 'died'],
    ['slow', 'up'],
    ['sound', 'up'],
  ]);
});
