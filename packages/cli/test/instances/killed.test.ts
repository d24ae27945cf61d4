/**
 * rc-instance killed at system calls by which it changes something: the next command sees to what it has left. With
 * MUSTER_STRIDE=1 at each of them, which takes some minutes.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { killAt, straceMissing, traceMutations } from '../crash/mutations.ts';
import { s6Missing, s6Site } from '../crash/s6-site.ts';
import { daemon, oneshot } from '../update/definitions.ts';
import { TestSite } from '../update/test-site.ts';

const noStrace = straceMissing();
const noS6 = s6Missing();
if (noStrace !== null) console.log(`kills at system calls are skipped: ${noStrace}`);
if (noS6 !== null) console.log(`kills under s6 are skipped: ${noS6}`);

const TREE = {
  ...daemon('net'),
  ...oneshot('key@', 'true\n', { down: 'true\n' }),
  ...daemon('worker@', ['net', 'key@%i'], { 'consumer-for': 'feed@%i\n' }),
  ...daemon('feed@', [], { 'producer-for': 'worker@%i\n' }),
};
const CREATE = ['create', '-e', 'N=1', '--persist', 'worker@a'];
const REMOVE = ['remove', 'worker@a'];
const ENV = ['env', 'worker@a', 'N=2'];
const MADE = ['feed@a', 'key@a', 'net', 'worker@a'];

/** One of so many calls is killed at. */
const STRIDE = Number(process.env.MUSTER_STRIDE ?? 13);
const PATIENCE = 3_600_000;

async function killAll(site: TestSite, initArgs: readonly string[], stride: number): Promise<string[]> {
  await site.compile(TREE);
  await site.must('rc-init', ...initArgs);
  const program = site.command('rc-instance');
  const problems: string[] = [];
  let kills = 0;
  const round = async (args: readonly string[], before: () => Promise<void>, after: () => Promise<void>) => {
    await before();
    const mutations = await traceMutations(site, program, args);
    await after();
    for (let at = kills % stride; at < mutations.length; at += stride) {
      kills++;
      const mutation = mutations[at]!;
      await before();
      await killAt(site, mutation, program, args);
      const wrong = await leftAfter(site, args);
      await site.must('rc-change', '-d', '--', ...(await site.up()));
      if (wrong !== null) problems.push(`${args[0]}, ${mutation.line}: ${wrong}`);
      await after();
    }
  };
  const nothing = async () => {};
  const make = async () => void (await site.must('rc-instance', ...CREATE));
  const unmake = async () => void (await site.must('rc-instance', ...REMOVE));
  await round(CREATE, nothing, unmake);
  await round(ENV, make, unmake);
  await round(REMOVE, make, nothing);
  console.log(`rc-instance was killed at ${kills} calls`);
  return problems;
}

/** What is wrong when the same command was called again, or null. */
async function leftAfter(site: TestSite, args: readonly string[]): Promise<string | null> {
  await site.must('rc-status');
  const again = await site.runAside('rc-instance', ...args);
  const isDone = again.status === 0 || (args[0] === 'remove' && again.status === 3);
  if (!isDone) return `called again: ${again.status} ${again.stderr}`;
  const expected = args[0] === 'remove' ? ['net'] : MADE;
  // Somebody who changes something else sees to it as well.
  const changed = await site.runAside('rc-change', ...expected);
  if (changed.status !== 0) return `rc-change: ${changed.status} ${changed.stderr}`;
  const directories = readdirSync(join(site.live, 'services')).sort();
  if (String(directories) !== String(expected)) return `there are ${directories}`;
  const up = await site.up();
  if (String([...up].sort()) !== String(expected)) return `up are ${up}`;
  const staged = readdirSync(site.live).filter((name) => name === 'settling');
  if (staged.length > 0) return 'something is staged';
  return null;
}

test.runIf(noStrace === null)(
  'rc-instance create, env and remove',
  async () => {
    const site = new TestSite();
    try {
      expect(await killAll(site, [], STRIDE)).toEqual([]);
    } finally {
      site.remove();
    }
  },
  PATIENCE,
);

test.runIf(noStrace === null && noS6 === null)(
  'the same under s6',
  async () => {
    const { site, initArgs } = await s6Site();
    try {
      expect(await killAll(site, initArgs, STRIDE)).toEqual([]);
    } finally {
      site.remove();
    }
  },
  PATIENCE,
);
