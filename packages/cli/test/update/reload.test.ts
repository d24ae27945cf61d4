/** rc-reload as people call it. */
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { base, changed, oneshot } from './definitions.ts';
import { TestSite } from './test-site.ts';

let site: TestSite;
beforeEach(() => {
  site = new TestSite();
});
afterEach(() => site.remove());

test('rc-reload compiles and updates in one, or does nothing', async () => {
  await site.boot(base, ['web', 'prepare']);
  const compiled = readFileSync(site.compiled);
  site.write({ ...changed, 'web/dependencies.d/ghost': '' });
  const broken = site.run('rc-reload');
  expect([broken.status, broken.stderr]).toEqual([1, expect.stringContaining('ghost')]);
  expect(readFileSync(site.compiled)).toEqual(compiled);
  site.write(changed);
  expect(site.run('rc-reload', '-n').status).toBe(0);
  expect(readFileSync(site.compiled)).toEqual(compiled);
  await site.must('rc-reload');
  expect(await site.up()).toEqual(['cache', 'db', 'prepare', 'web']);
  expect(site.run('rc-diff').status).toBe(0);
});

test('rc-reload that has to be undone leaves the compiled file as it was', async () => {
  await site.boot({ ...base, ...oneshot('stuck', 'true\n', { down: 'false\n' }) }, ['web', 'stuck']);
  const compiled = readFileSync(site.compiled);
  site.write(base);
  const { status, stderr } = site.run('rc-reload');
  expect([status, stderr]).toEqual([9, expect.stringMatching(/did not stop: stuck\n.*everything is as it was/)]);
  expect(readFileSync(site.compiled)).toEqual(compiled);
});

test('rc-reload says what the compiler warns of, when it updates and when it only shows', async () => {
  await site.boot(base, ['web']);
  site.write({ ...base, 'web/flag-nonsense': '' });
  const { stderr } = site.run('rc-compile', '--check', site.source);
  expect(stderr).toMatch(/^warning\[RC\d+\]: .*flag-nonsense/);
  expect(site.run('rc-reload', '-n')).toMatchObject({ status: 0, stderr });
  expect(site.run('rc-reload').stderr).toContain(stderr);
});
