/** An update leaves a question alone that waits for its answer. */
import { eventually } from '@muster/posix/test/eventually';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { daemon } from './definitions.ts';
import { TestSite } from './test-site.ts';

let site: TestSite;
beforeEach(() => {
  site = new TestSite();
});
afterEach(() => site.remove());

const unlock = {
  'unlock/type': 'oneshot\n',
  'unlock/up': { text: '#!/bin/sh\nread -r answer\n[ "$answer" = right ]\n', mode: 0o755 },
  'unlock/flag-console': '',
};

test('a oneshot that asks can still be answered after an update', async () => {
  await site.boot({ ...unlock, ...daemon('db') }, ['db']);
  const change = site.runAside('rc-change', '--console', 'none', 'unlock');
  const asks = async () => (await site.must('rc-why', 'unlock')).includes('rc-answer unlock');
  await eventually('it asks', asks);
  // rc-change holds an update up; killed, it leaves the script and its question.
  const [pid] = site.commands('rc-change');
  process.kill(pid!, 'SIGKILL');
  await change;
  expect(await asks()).toBe(true);
  // What changed is written into its directory, beside the question.
  await site.compile({ ...unlock, 'unlock/down': 'true\n', ...daemon('db') });
  // It is wanted, and not up before it has its answer: that is named.
  const updated = await site.runAside('rc-update');
  expect([updated.status, updated.stderr]).toEqual([1, expect.stringContaining('not up: unlock')]);
  expect(await asks()).toBe(true);
  const { status, stderr } = await site.execute('/bin/sh', ['-c', 'echo right | "$MUSTER_BUILD/rc-answer" unlock']);
  expect([status, stderr]).toEqual([0, '']);
  await eventually('it is up', async () => (await site.up()).includes('unlock'));
});
