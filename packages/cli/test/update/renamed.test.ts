/** A service that gets another name goes on, with everything that is its own. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { daemon } from './definitions.ts';
import { TestSite } from './test-site.ts';

let site: TestSite;
beforeEach(() => {
  site = new TestSite();
});
afterEach(() => site.remove());

test('with a log: neither it nor its logger restarts, no line is lost, and so on the way back', async () => {
  const log = join(site.root, 'log');
  const files = {
    run: '#!/bin/sh\nn=0; while :; do n=$((n + 1)); echo $n; sleep 0.01; done\n',
    log: `dir ${log}\nkeep 100\ntimestamp none\n`,
  };
  await site.boot(daemon('web', [], files), ['web']);
  const before = await site.pids();
  const numbers = () => readFileSync(join(log, 'current'), 'utf8').split('\n').slice(0, -1).map(Number);
  await site.compile(daemon('site', [], { ...files, 'renamed-from': 'web\n' }));
  const diff = site.run('rc-diff').stdout;
  expect(diff).toMatch(/^ {2}> site +was web; /m);
  expect(diff).toMatch(/^ {2}> site-log +was web-log; /m);
  expect(diff).not.toMatch(/added|removed|would/);
  await site.must('rc-update');
  const after = await site.pids();
  expect([after.get('site'), after.get('site-log')]).toEqual([before.get('web'), before.get('web-log')]);
  const then = numbers().length;
  await eventually('more lines', () => numbers().length > then + 20);
  expect(numbers()).toEqual(numbers().map((_, index) => index + 1));
  await site.must('rc-update', '--rollback');
  expect(await site.pids()).toEqual(before);
});
