/** What an update that failed has left down is tried again by the next one, or named. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Tree } from '../compile/trees.ts';
import { daemon, oneshot } from './definitions.ts';
import { TestSite } from './test-site.ts';

let site: TestSite;
beforeEach(() => {
  site = new TestSite();
});
afterEach(() => site.remove());

const good: Tree = { ...daemon('db'), ...daemon('web', ['db']), ...oneshot('tidy', 'true\n') };
const BROKEN = { run: '#!/bin/sh\nexit 1\n', 'notification-fd': '3\n', 'max-death-tally': '1\n' };
/** `db` does not start, and so `web` cannot. */
const bad: Tree = { ...good, ...daemon('db', [], BROKEN) };

async function failedUpdate(): Promise<void> {
  await site.boot(good, ['web', 'tidy']);
  await site.compile(bad);
  const { status, stderr } = site.run('rc-update');
  expect(status, stderr).toBe(1);
  expect(stderr).toContain('not up: db, web');
  expect(await site.up()).toEqual(['tidy']);
}

test('the way back brings up what the way there has cost', async () => {
  await failedUpdate();
  expect(site.run('rc-update', '-n', '--rollback').stdout).toMatch(/start +db +is wanted and did not come up/);
  const { status, stderr } = site.run('rc-update', '--rollback');
  expect(status, stderr).toBe(0);
  expect(await site.up()).toEqual(['db', 'tidy', 'web']);
});

test('so does a mended source', async () => {
  await failedUpdate();
  site.write({ ...good, ...daemon('db', [], { run: '#!/bin/sh\n# mended\nexec sleep 1000000\n' }) });
  const { status, stderr } = site.run('rc-reload');
  expect(status, stderr).toBe(0);
  expect(await site.up()).toEqual(['db', 'tidy', 'web']);
});

test('what would fail in the same way is named, and not tried', async () => {
  await failedUpdate();
  for (const command of ['rc-update', 'rc-reload']) {
    const { status, stderr } = site.run(command);
    expect([status, stderr]).toEqual([1, expect.stringMatching(/nothing had to move[\s\S]*not up: db, web/)]);
  }
  await site.compile({ ...bad, ...oneshot('tidy', 'true two\n') });
  const { status, stdout } = site.run('rc-update', '--json');
  expect(status).toBe(1);
  expect(JSON.parse(stdout.trimEnd().split('\n').at(-1)!)).toMatchObject({ failed: [], notUp: ['db', 'web'] });
});

test('a oneshot that failed is tried again once it is defined otherwise; one that nobody wants any more is not', async () => {
  await site.boot({ ...good, ...oneshot('setup', 'false\n'), ...oneshot('other', 'false\n') }, []);
  expect(site.run('rc-change', 'setup', 'other').status).toBe(1);
  expect(site.run('rc-change', '-d', 'other').status).toBe(0);
  await site.compile({ ...good, ...oneshot('setup', 'true\n'), ...oneshot('other', 'true\n') });
  const { status, stderr } = site.run('rc-update');
  expect(status, stderr).toBe(0);
  expect(await site.up()).toEqual(['setup']);
});

test('a plan says what was not up, and is refused once that has changed', async () => {
  await failedUpdate();
  await site.compile(good);
  const plan = site.run('rc-update', '-n', '--json').stdout;
  expect(JSON.parse(plan)).toMatchObject({ base: { missed: ['db', 'web'] }, start: ['db', 'web'] });
  const file = `${site.root}/plan`;
  await Bun.write(file, plan);
  await site.must('rc-change', '-d', 'web');
  expect(site.run('rc-update', '--plan', file)).toMatchObject({
    status: 5,
    stderr: expect.stringContaining('web was wanted and not up'),
  });
});
