/** What a user can get wrong gets a message and its own exit status, and changes nothing. */
import { mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OFFSET, SECTIONS } from '@muster/store/database/format';
import { hashOf } from '@muster/store/database/hash';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Answer, Machine } from './machine.ts';
import { statusOf } from './seen-by-commands.ts';
import { runningSite } from './site-machine.ts';

let machine: Machine;
let untouched: string;

beforeAll(() => {
  machine = runningSite();
  untouched = snapshot();
});
afterAll(() => machine.dispose());

/** The compiled database, and which process each service is. */
function snapshot(): string {
  const states = [...statusOf(machine).values()].map(({ name, state, pid }) => [name, state, pid]);
  return JSON.stringify([readFileSync(machine.compiled, 'base64'), states]);
}

function expectComplaint(answer: Answer, status: number, ...words: string[]): void {
  for (const word of words) expect(answer.stderr).toContain(word);
  expect(answer.stderr).not.toMatch(/\n\s+at /);
  expect(answer.status).toBe(status);
  expect(snapshot()).toBe(untouched);
}

const WRONG_SOURCES: readonly (readonly [what: string, files: Record<string, string>, words: string[]])[] = [
  ['no type', { 'db/run': '#!/bin/sh\n' }, ['db/type']],
  ['an unknown dependency', { 'db/type': 'bundle\n', 'db/contents.d/wbe': '' }, ['wbe', 'did you mean web?']],
  [
    'a circle of dependencies',
    {
      'db/type': 'oneshot\n',
      'db/up': '',
      'db/dependencies.d/cache': '',
      'cache/type': 'oneshot\n',
      'cache/up': '',
      'cache/dependencies.d/db': '',
    },
    ['circle', 'db/dependencies.d/cache', 'cache/dependencies.d/db'],
  ],
];

test.each(WRONG_SOURCES)('a source with %s', (_, files, words) => {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(machine.source, path, '..'), { recursive: true });
    writeFileSync(join(machine.source, path), text);
  }
  expectComplaint(machine.run('rc-compile', machine.source, machine.compiled), 1, ...words);
  for (const name of ['db', 'cache']) rmSync(join(machine.source, name), { recursive: true, force: true });
});

test('a service that is not there', () => {
  expectComplaint(machine.run('rc-change', 'wbe'), 3, 'wbe', 'did you mean web?');
  expectComplaint(machine.run('rc-status', 'wbe'), 3, 'wbe');
});

test('a live directory that is not there', () => {
  const nowhere = join(machine.directory, 'nowhere');
  for (const args of [['rc-change'], ['rc-status'], ['rc-update'], ['rc-shutdown'], ['rc-db', 'list'], ['rc-graph']]) {
    const [command, ...rest] = args as [string, ...string[]];
    expectComplaint(machine.run(command, '-l', nowhere, ...rest), 4, nowhere, 'RC3001', 'rc-init');
    expectComplaint(machine.run(command, '-l', machine.source, ...rest), 4, machine.source, 'RC3002', 'it has no db');
  }
});

test("a directory, as s6-rc's databases are", () => {
  const directory = join(machine.directory, 'theirs');
  mkdirSync(directory);
  const words = [directory, "as s6-rc's databases are", 'rc-compile makes one from the same source'];
  expectComplaint(machine.run('rc-init', '-c', directory, '-l', join(machine.directory, 'other')), 4, ...words);
  expectComplaint(machine.run('rc-update', directory), 4, ...words);
  expectComplaint(machine.run('rc-diff', '-c', directory), 4, ...words);
  expectComplaint(machine.run('rc-db', '-c', directory, 'list'), 4, ...words);
  expectComplaint(machine.run('rc-graph', '-c', directory), 4, ...words);
});

test('a database that is cut off', () => {
  const cut = join(machine.directory, 'cut');
  writeFileSync(cut, readFileSync(machine.compiled));
  truncateSync(cut, 1000);
  expectComplaint(machine.run('rc-update', cut), 4, cut, 'cut off');
  expectComplaint(machine.run('rc-init', '-c', cut, '-l', join(machine.directory, 'other')), 4, cut, 'cut off');
});

test('a database that no compiler wrote, with a checksum that is right', () => {
  const forged = join(machine.directory, 'forged');
  const bytes = readFileSync(machine.compiled);
  const section = 64 + 8 * SECTIONS.indexOf('definitions.bytes');
  bytes[bytes.readUInt32LE(section)] = 9;
  bytes.set(hashOf(bytes), OFFSET.hash);
  writeFileSync(forged, bytes);
  const words = ['RC3005', 'its content has another hash', 'compile it again'];
  expectComplaint(machine.run('rc-db', '-c', forged, 'dump'), 4, ...words);
  expectComplaint(machine.run('rc-init', '-c', forged, '-l', join(machine.directory, 'other')), 4, ...words);
  expectComplaint(machine.run('rc-db', '-c', forged, 'check'), 4, forged, 'its content has another hash');
});

test('an option that is not there', () => {
  expectComplaint(machine.run('rc-change', '--frobnicate'), 100, 'frobnicate', '--help');
});
