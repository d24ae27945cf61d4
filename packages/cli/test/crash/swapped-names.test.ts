/**
 * Names that are swapped within one database: nothing but the records tells whether that has happened. Killed at its calls,
 * such an update must leave processes and records with the same names.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { daemon } from '../update/definitions.ts';
import { TestSite } from '../update/test-site.ts';
import { killAt, straceMissing, traceMutations } from './mutations.ts';

/** One of so many calls is killed at. */
const STRIDE = Number(process.env.MUSTER_CRASH_STRIDE ?? 7);

const noStrace = straceMissing();
if (noStrace !== null) console.log(`kills at system calls are skipped: ${noStrace}`);

let site: TestSite;
beforeEach(() => {
  site = new TestSite();
});
afterEach(() => site.remove());

const NAMES = ['a', 'b'] as const;

/** Which of them is up, and its process. Throws if it is not exactly one, wanted, and all that runs. */
async function onlyOneUp(): Promise<{ readonly name: string; readonly pid: number }> {
  const services = await site.services();
  const [one, other] = services[0]!.state === 'up' ? services : [...services].reverse();
  expect(one).toMatchObject({ state: 'up', wanted: 'explicit' });
  expect(other).toMatchObject({ state: 'down', wanted: 'no', pid: null });
  expect(await site.daemons()).toEqual([one!.pid]);
  return one!;
}

describe.runIf(noStrace === null)('a swap of names that is killed is undone or completed', () => {
  test.each([
    ['while the process goes on', ''],
    ['and the process restarts', ' restart'],
  ])('%s', async (_title, keyword) => {
    await site.boot({ ...daemon('a'), ...daemon('b') }, ['a']);
    const conversion = join(site.root, 'conversion');
    const swap = (up: string): string[] => {
      const lines = NAMES.map((name) => `${name} -> ${name === 'a' ? 'b' : 'a'}${name === up ? keyword : ''}\n`);
      writeFileSync(conversion, lines.join(''));
      return ['-f', conversion];
    };
    const program = site.command('rc-update');
    const mutations = await traceMutations(site, program, swap('a'));
    expect(await onlyOneUp()).toMatchObject({ name: 'b' });
    const ends = { swapped: 0, undone: 0 };
    for (let at = 0; at < mutations.length; at += STRIDE) {
      const { line } = mutations[at]!;
      const before = await onlyOneUp();
      const wasKilled = await killAt(site, mutations[at]!, program, swap(before.name));
      expect(wasKilled, line).toBe(true);
      await site.must('rc-change');
      const now = await onlyOneUp();
      if (keyword === '') expect(now.pid, line).toBe(before.pid);
      ends[now.name === before.name ? 'undone' : 'swapped']++;
      expect(site.run('rc-diff').stdout, line).toBe('');
    }
    expect(Math.min(...Object.values(ends))).toBeGreaterThan(0);
  });
});
