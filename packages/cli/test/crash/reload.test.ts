/** rc-reload is one transaction: whatever becomes of it, what is live and the compiled file are the same. */
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Tree } from '../compile/trees.ts';
import { TestSite } from '../update/test-site.ts';
import { killAt, refuseAt, straceMissing, traceMutations } from './mutations.ts';

/** One of so many calls is killed at. */
const STRIDE = Number(process.env.MUSTER_CRASH_STRIDE ?? 8);

const noStrace = straceMissing();
if (noStrace !== null) console.log(`kills at system calls are skipped: ${noStrace}`);

const tree = (text: string): Tree => ({
  'a/type': 'longrun\n',
  'a/run': { text: `#!/bin/sh\n# ${text}\nexec sleep 1000000\n`, mode: 0o755 },
});

let site: TestSite;
beforeEach(async () => {
  site = new TestSite();
  await site.boot(tree('0'), ['a']);
});
afterEach(() => site.remove());

const compiled = () => readFileSync(site.compiled);
const live = () => readFileSync(join(site.live, 'db/database'));
const debris = () => readdirSync(site.root).filter((name) => name.startsWith('.'));

test('that the compiled file cannot be replaced is found out before anything is done', async () => {
  rmSync(site.compiled);
  mkdirSync(site.compiled);
  site.write(tree('1'));
  const before = await site.pids();
  expect(site.run('rc-reload')).toMatchObject({ status: 111, stderr: expect.stringContaining('EISDIR') });
  expect(await site.pids()).toEqual(before);
  expect(debris()).toEqual([]);
});

test.runIf(noStrace === null)('that it could not be replaced in the end is told', async () => {
  const program = site.command('rc-reload');
  site.write(tree('1'));
  const mutations = await traceMutations(site, program, []);
  const last = mutations.find(({ call, line }) => call.startsWith('rename') && line.includes(`"${site.compiled}"`));
  const before = compiled();
  site.write(tree('2'));
  const ran = await refuseAt(site, last!, { error: 'EROFS', forGood: false }, program, []);
  expect([ran.status, ran.stderr]).toEqual([111, expect.stringMatching(/next boot begins with an older one: .*EROFS/)]);
  expect([compiled().equals(before), live().equals(before)]).toEqual([true, false]);
  expect(debris()).toEqual([]);
  expect(await site.must('rc-change')).toBe('');
});

describe.runIf(noStrace === null)('killed at any call', () => {
  test('it is undone or completed as a whole by the next command', async () => {
    site.write(tree('1'));
    const program = site.command('rc-reload');
    const mutations = await traceMutations(site, program, []);
    const ends = { completed: 0, undone: 0 };
    for (let at = 0; at < mutations.length; at += STRIDE) {
      const { line } = mutations[at]!;
      site.write(tree(`kill ${at}`));
      const before = compiled();
      await killAt(site, mutations[at]!, program, []);
      await site.must('rc-change');
      expect(live().equals(compiled()), line).toBe(true);
      ends[live().equals(before) ? 'undone' : 'completed']++;
      expect(await site.up(), line).toEqual(['a']);
      await site.must('rc-reload');
      expect(debris(), line).toEqual([]);
    }
    expect(Math.min(...Object.values(ends))).toBeGreaterThan(0);
  });
});
