/** How many system calls a definition costs: what does not depend on the machine of the time that compiling takes. */
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { BOUNDED } from '@muster/posix/test/bounded';
import { afterAll, expect, test } from 'vitest';
import { straceMissing } from '../crash/mutations.ts';
import { makeTree, type TreeEntry, temporaryDirectory } from './trees.ts';

const muster = join(import.meta.dirname, '../../../../build/muster');
const noStrace = straceMissing();
if (noStrace !== null) console.log(`skipped: ${noStrace}`);
const directory = temporaryDirectory();
afterAll(() => {
  rmSync(directory, { recursive: true });
});

/** What reading, and looking for what could be read, is made of. */
const READING = ['openat', 'open', 'read', 'pread64', 'statx', 'newfstatat', 'fstat', 'getdents64', 'close', 'access'];

/** By its name, how often a compilation of so many services, each of which needs another one, makes each call. */
function callsFor(services: number): Record<string, number> {
  const source = join(directory, `source-${services}`);
  const tree: Record<string, TreeEntry> = {};
  for (let i = 0; i < services; i++) {
    tree[`service-${i}/type`] = 'longrun\n';
    tree[`service-${i}/run`] = `#!/bin/sh\nexec daemon ${i}\n`;
    if (i > 0) tree[`service-${i}/dependencies.d/service-${i - 1}`] = '';
  }
  makeTree(source, tree);
  const output = join(directory, 'trace');
  const traced = ['-f', '-c', '-o', output, '-e', `trace=${READING.join(',')}`];
  const ran = spawnSync('strace', [...traced, muster, 'compile', source, join(directory, 'compiled')], BOUNDED);
  expect(ran.status, String(ran.stderr)).toBe(0);
  const rows = readFileSync(output, 'utf8').matchAll(/^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s.*?(\w+)$/gm);
  return Object.fromEntries([...rows].map(([, count, call]) => [call, Number(count)]));
}

test.skipIf(noStrace !== null)(
  'a definition costs as many system calls as it has parts to open, look at and read',
  () => {
    const [few, many] = [callsFor(100), callsFor(300)];
    const each = Object.fromEntries(READING.map((call) => [call, ((many[call] ?? 0) - (few[call] ?? 0)) / 200]));
    // Two directories, two files, and an entry whose size tells whether it says anything. What differs by chance is little.
    const expected = { openat: 4, close: 4, statx: 5, getdents64: 4, read: 2 };
    for (const call of READING) {
      const most = (expected as Record<string, number>)[call] ?? 0;
      expect(each[call], `${call}, of ${JSON.stringify(each)}`).toBeLessThanOrEqual(most + 0.1);
    }
  },
);
