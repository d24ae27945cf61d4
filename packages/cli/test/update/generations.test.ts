/** Generations: what is kept of databases that were live, and going back to them. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Tree } from '../compile/trees.ts';
import { base, changed, daemon, oneshot } from './definitions.ts';
import { TestSite } from './test-site.ts';

let site: TestSite;
beforeEach(() => {
  site = new TestSite();
});
afterEach(() => site.remove());

test('the compiled file and the source may vanish once they are live', async () => {
  await site.boot(base, ['web', 'prepare']);
  await site.compile(changed);
  await site.must('rc-update');
  rmSync(site.compiled);
  rmSync(site.source, { recursive: true });
  await site.must('rc-change', '--restart', 'web');
  await site.must('rc-update', '--rollback');
  expect(await site.up()).toEqual(['db', 'prepare', 'web']);
  expect(site.run('rc-update').status).toBe(4);
});

test('the last five generations are kept, and can be returned to', async () => {
  await site.boot(base, ['web', 'prepare']);
  for (let n = 1; n <= 6; n++) {
    await site.compile({ ...base, ...oneshot('prepare', `echo ${n}\n`) });
    await site.must('rc-update');
  }
  expect(readdirSync(join(site.live, 'databases'))).toHaveLength(5);
  const script = () => readFileSync(join(site.live, 'services/prepare/up.argv'), 'latin1');
  expect(script()).toBe('echo\x006\x00');
  await site.must('rc-update', '--rollback', '3');
  expect(script()).toBe('echo\x003\x00');
  await site.must('rc-update', '--rollback');
  expect(script()).toBe('echo\x006\x00');
  expect(site.run('rc-update', '--rollback', '9').status).toBe(1);
});

const generation = (number: number): Tree => oneshot('prepare', `true ${number}\n`, { 'on-update': 'keep\n' });

test('going back follows what a conversion file has renamed, also over several generations', async () => {
  await site.boot({ ...daemon('a'), ...daemon('b'), ...generation(1) }, ['a']);
  const { a: pid } = Object.fromEntries(await site.pids());
  const file = join(site.root, 'conversion');
  const rename = async (tree: Tree, conversion: string): Promise<void> => {
    await site.compile(tree);
    writeFileSync(file, conversion);
    await site.must('rc-update', '-f', file);
  };
  await rename({ ...daemon('b'), ...daemon('c'), ...generation(2) }, 'a -> b\nb -> c\n');
  await rename({ ...daemon('d'), ...daemon('c'), ...daemon('b'), ...generation(3) }, 'b -> d\n');
  expect(await site.pids()).toEqual(new Map([['d', pid]]));
  await site.must('rc-update', '--rollback', '2');
  expect([await site.up(), await site.pids()]).toEqual([['a'], new Map([['a', pid]])]);
  await site.must('rc-update', '--rollback');
  expect(await site.pids()).toEqual(new Map([['d', pid]]));
});

test('a plan to go back is one that can be applied', async () => {
  await site.boot({ ...daemon('a'), ...generation(1) }, ['a']);
  const before = await site.pids();
  await site.compile({ ...daemon('z'), ...generation(2) });
  const file = join(site.root, 'conversion');
  writeFileSync(file, 'a -> z\n');
  await site.must('rc-update', '-f', file);
  const plan = site.run('rc-update', '--rollback', '-n', '--json').stdout;
  expect(JSON.parse(plan).options.renames).toEqual([['z', 'a']]);
  writeFileSync(file, plan);
  await site.must('rc-update', '--plan', file);
  expect(await site.pids()).toEqual(before);
});

test('names that are swapped within the same database take what is known of the services along', async () => {
  await site.boot({ ...daemon('a'), ...daemon('b') }, ['a']);
  const { a: pid } = Object.fromEntries(await site.pids());
  const file = join(site.root, 'conversion');
  writeFileSync(file, 'a -> b\nb -> a\n');
  const known = async () =>
    (await site.services()).map(({ name, state, pid, wanted }) => ({ name, state, pid, wanted }));
  const isUp = (name: string) => ({ name, state: 'up', pid, wanted: 'explicit' });
  const isDown = (name: string) => ({ name, state: 'down', pid: null, wanted: 'no' });
  await site.must('rc-update', '-f', file);
  expect(await known()).toEqual([isDown('a'), isUp('b')]);
  expect(site.run('rc-diff').status).toBe(0);
  await site.must('rc-update', '--rollback');
  expect(await known()).toEqual([isUp('a'), isDown('b')]);
  await site.must('rc-change', '-d', 'a');
  expect(await site.daemons()).toEqual([]);
});
