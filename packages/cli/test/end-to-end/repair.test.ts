/** rc-init puts back what is damaged in a live directory, and what runs there runs on. */
import { mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Machine } from './machine.ts';
import { statusOf } from './seen-by-commands.ts';

let machine: Machine;
let pid: number;

beforeEach(() => {
  machine = new Machine(join(import.meta.dirname, 'sources/pair'), () => ({}));
  machine.must('rc-compile', machine.source, machine.compiled);
  machine.must('rc-init');
  machine.must('rc-change', 'upper');
  pid = statusOf(machine).get('upper')!.pid!;
});
afterEach(() => machine.dispose());

test.each<[string, (live: string) => void]>([
  ['records that are cut off', (live) => truncateSync(join(live, 'db/state'), 100)],
  ['records that are not there', (live) => rmSync(join(live, 'db/state'))],
  ['records that are noise', (live) => writeFileSync(join(live, 'db/state'), new Uint8Array(192).fill(5))],
  ['a journal that is none', (live) => writeFileSync(join(live, 'journal'), '{"version":1}')],
  ['a journal that is a directory', (live) => mkdirSync(join(live, 'journal'))],
  ['no word about supervisors', (live) => writeFileSync(join(live, 'backend'), '')],
  ['a supervisor that nobody knows', (live) => writeFileSync(join(live, 'backend'), 'sysvinit\n/etc/rc\n\n')],
  ['a database that is noise', (live) => writeFileSync(join(live, 'db/database'), 'noise')],
  ['no link to its database', (live) => rmSync(join(live, 'db'))],
  ['no lock file', (live) => rmSync(join(live, 'lock'))],
])('%s', (_, damage) => {
  damage(machine.live);
  machine.must('rc-init');
  expect(statusOf(machine).get('upper')).toMatchObject({ state: 'up', pid, wanted: 'explicit' });
  machine.must('rc-change', '-d', 'base');
  expect([...statusOf(machine).values()].map(({ state }) => state)).toEqual(['down', 'down']);
  machine.must('rc-shutdown');
  expect(machine.processes()).toEqual([]);
});

test('under a supervisor that nobody knows, commands say what they say without any word about it', () => {
  const backend = join(machine.live, 'backend');
  for (const command of ['rc-status', 'rc-list', 'rc-change', 'rc-log', 'rc-why']) {
    const [unknown, nothing] = ['sysvinit\n/etc/rc\n\n', ''].map((text) => {
      writeFileSync(backend, text);
      return machine.run(command, 'upper');
    });
    expect(unknown, command).toEqual(nothing);
    expect(unknown!.stderr, command).toContain(`[RC3004]: it does not name a kind of supervisor\n  ${backend}\n`);
  }
});
