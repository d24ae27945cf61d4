/** A boot by one command, beside the same boot by two. */
import { afterEach, expect, test } from 'vitest';
import { EXIT } from '../../src/exit-codes.ts';
import type { Tree } from '../compile/trees.ts';
import { type Ran, TestSite } from '../update/test-site.ts';

const DAEMON = '#!/bin/sh\nexec sleep 1000000\n';
const SITE: Tree = {
  'all/type': 'bundle\n',
  'all/contents.d/mount': '',
  'all/contents.d/web': '',
  'mount/type': 'oneshot\n',
  'mount/up': 'true\n',
  'web/type': 'longrun\n',
  'web/run': DAEMON,
  'web/dependencies.d/mount': '',
  'idle/type': 'longrun\n',
  'idle/run': DAEMON,
};

let site = new TestSite();
afterEach(() => {
  site.remove();
  site = new TestSite();
});

/** Without what differs from one time to the next. */
const words = ({ stderr }: Ran) =>
  stderr
    .replace(/\d+(\.\d+)? m?s\b/g, 'TIME')
    .split('\n')
    .sort();

async function states() {
  return (await site.services()).map(({ name, state, wanted }) => ({ name, state, wanted }));
}

/** Status and words of both ways, and how services are after each; the second begins where the first did. */
async function bothWays(names: readonly string[]) {
  const made = site.run('rc-init');
  const changed = made.status === 0 ? site.run('rc-change', ...names) : made;
  const apart = { status: changed.status, words: words(changed), states: await states() };
  site.run('rc-shutdown');
  const booted = site.run('rc-init', '--change', ...names);
  return { apart, together: { status: booted.status, words: words(booted), states: await states() } };
}

test.each([
  { names: ['all'], what: 'comes up', status: EXIT.success },
  { names: ['web', 'idle'], what: 'comes up, by two names', status: EXIT.success },
  { names: ['wbe'], what: 'is unknown', status: EXIT.unknownName },
])('what $what ends the same, is told the same, and leaves the same', async ({ names, status }) => {
  await site.compile(SITE);
  const { apart, together } = await bothWays(names);
  expect(apart.status).toBe(status);
  expect(together).toEqual(apart);
});

test('what fails is told the same', async () => {
  await site.compile({ ...SITE, 'mount/up': 'false\n' });
  const { apart, together } = await bothWays(['all']);
  expect(apart.status).toBe(EXIT.failed);
  expect(together).toEqual(apart);
});

test('where init does not come to an end, nothing is brought up, and the status is that of init', async () => {
  const { status, stderr } = site.run('rc-init', '--change', 'all');
  expect([status, stderr]).toEqual([EXIT.invalid, site.run('rc-init').stderr]);
});

test('a limit of time is for both together', async () => {
  await site.compile({ ...SITE, 'web/notification-fd': '3\n' });
  const { status, stderr } = site.run('rc-init', '-t', '1s', '--change', 'all');
  expect([status, stderr]).toEqual([EXIT.timedOut, expect.stringContaining('web')]);
});

test('names and --change need each other', () => {
  expect(site.run('rc-init', 'web')).toMatchObject({
    status: EXIT.usage,
    stderr: expect.stringContaining("it takes no operands without --change, and 'web' is one"),
  });
  expect(site.run('rc-init', '--change')).toMatchObject({
    status: EXIT.usage,
    stderr: expect.stringContaining('--change needs names'),
  });
});
