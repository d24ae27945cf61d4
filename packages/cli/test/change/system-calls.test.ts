/** How many system calls a boot makes for each service, in the commands and in the tree: what does not depend on the machine. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import { afterEach, expect, test } from 'vitest';
import { straceMissing } from '../crash/mutations.ts';
import { TestSite } from '../update/test-site.ts';

const noStrace = straceMissing();
if (noStrace !== null) console.log(`skipped: ${noStrace}`);

const SERVICES = 20;
const names = Array.from({ length: SERVICES }, (_, i) => `service-${String(i).padStart(2, '0')}`);

/** For one service: calls that name it, or a descriptor of a file that is its own. */
interface Boot {
  readonly init: number;
  /** Of the tree until rc-init has ended; and from then until rc-change has. */
  readonly treeInit: number;
  readonly change: number;
  readonly treeChange: number;
}

let site: TestSite;
afterEach(() => {
  site.remove();
});

async function callsOfBoot(): Promise<Boot> {
  site = new TestSite();
  const daemons = names.flatMap((name) => [
    [`${name}/type`, 'longrun\n'],
    [`${name}/run`, '#!/bin/sh\nexec sleep 1000000\n'],
  ]);
  await site.compile(Object.fromEntries(daemons));
  const trace = (name: string) => join(site.root, name);
  const traced = site.execute('strace', ['-ff', '-y', '-o', trace('init'), site.command('rc-init')]);
  /** Of the process that has executed what `words` say. */
  const traceOf = (words: string) =>
    readdirSync(site.root)
      .filter((name) => name.startsWith('init.'))
      .map((name) => readFileSync(trace(name), 'latin1'))
      .find((text) => text.includes(words));
  const init = await eventually('rc-init has ended', () => {
    const text = traceOf('/rc-init"');
    return text?.includes('+++ exited with 0 +++') ? text : null;
  });
  const treeText = () => traceOf('"svscan", "--live"')!;
  const { length } = treeText();
  const changed = await site.execute('strace', ['-y', '-o', trace('change'), site.command('rc-change'), ...names]);
  expect(changed.status, changed.stderr).toBe(0);
  const tree = treeText();
  const change = readFileSync(trace('change'), 'latin1');
  await site.must('rc-shutdown');
  await traced;
  return {
    init: callsIn(init),
    treeInit: callsIn(tree.slice(0, length)),
    change: callsIn(change),
    treeChange: callsIn(tree.slice(length)),
  };
}

/** How often somebody looks who waits, or is told to look for services again, depends on the machine. */
const LOOKS = /supervise\/control", .* ENOENT |^statx\(AT_FDCWD\S*, "[^"]*\/scan\/service-\d\d(\/log)?",/;

/** The median of the services. */
function callsIn(text: string): number {
  const lines = text.split('\n').filter((line) => /^\w+\(/.test(line) && !LOOKS.test(line));
  const counts = names.map((name) => lines.filter((line) => line.includes(name)).length);
  return counts.sort((a, b) => a - b)[SERVICES / 2]!;
}

test.skipIf(noStrace !== null)('a boot makes so many system calls on the files of a service, and no more', async () => {
  const calls = await callsOfBoot();
  expect(calls.init, JSON.stringify(calls)).toBeLessThanOrEqual(11);
  expect(calls.treeInit, JSON.stringify(calls)).toBeLessThanOrEqual(20);
  expect(calls.change, JSON.stringify(calls)).toBeLessThanOrEqual(22);
  expect(calls.treeChange, JSON.stringify(calls)).toBeLessThanOrEqual(32);
});
