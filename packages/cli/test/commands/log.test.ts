/** rc-log on services that have no logger: what they write is in the catch-all, among what others do. */
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFifo } from '@muster/posix/fifo';
import { eventually } from '@muster/posix/test/eventually';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Terminal } from '../end-to-end/terminal.ts';
import { TestSite } from '../update/test-site.ts';

let site: TestSite;
beforeEach(async () => {
  site = new TestSite();
  const chatty = (words: string) => `#!/bin/sh\necho ${words}\nexec sleep 1000\n`;
  await site.boot(
    {
      'web/type': 'longrun\n',
      'web/run': chatty('web says: hello'),
      'worker/type': 'longrun\n',
      'worker/run': chatty('worker says hello'),
      'migrate/type': 'oneshot\n',
      'migrate/up': 'echo migrated\n',
    },
    ['web', 'worker', 'migrate'],
  );
});
afterEach(async () => {
  site.run('rc-shutdown');
  site.remove();
});

const shown = (...args: string[]): [service: string, text: string][] =>
  site
    .run('rc-log', '--json', ...args)
    .stdout.split('\n')
    .slice(0, -1)
    .map((line) => {
      const { service, text } = JSON.parse(line);
      return [service, text];
    });

test('its lines are shown under the name of who wrote them, and only those that are asked for', async () => {
  const everything = await eventually('all three', () => {
    const lines = shown().filter(([service]) => service !== 'rc-svscan');
    return lines.length === 3 ? lines : undefined;
  });
  expect(everything.toSorted()).toEqual([
    ['migrate', 'migrated'],
    ['web', 'web says: hello'],
    ['worker', 'worker says hello'],
  ]);
  expect(shown('web')).toEqual([['web', 'web says: hello']]);
  expect(shown('migrate')).toEqual([['migrate', 'migrated']]);
  expect(shown('-n', '1', 'web')).toEqual([['web', 'web says: hello']]);
});

test('-f goes on with a log that is not there yet, and shows no line twice while it is written', async () => {
  const lines = 3000;
  const directory = join(site.root, 'log');
  await site.compile({
    'fast/type': 'longrun\n',
    'fast/run': `#!/bin/sh\ni=0; while [ $i -lt ${lines} ]; do i=$((i + 1)); echo $i; done\nexec sleep 1000\n`,
    'fast/log': `dir ${directory}\nsize 4096\nkeep 1000\n`,
  });
  await site.must('rc-update');
  const followed: string[] = [];
  const follow = () => {
    const at = followed.push('') - 1;
    const child = spawn(site.command('rc-log'), ['-f', '-n', '100000', 'fast'], { env: site.environment });
    child.stdout.on('data', (bytes) => {
      followed[at] += bytes;
    });
    return child;
  };
  const children = [follow()];
  await site.must('rc-change', 'fast');
  // Each begins at another moment of the writing.
  for (let more = 0; more < 4; more++) {
    await eventually('its first line', () => followed[more] !== '');
    children.push(follow());
  }
  const numbersIn = (text: string) => [...text.matchAll(/ (\d+)\n/g)].map((found) => Number(found[1]));
  await eventually('all of it', () => followed.every((text) => numbersIn(text).at(-1) === lines));
  for (const child of children) child.kill();
  const all = Array.from({ length: lines }, (_, index) => index + 1);
  for (const text of followed) expect(numbersIn(text)).toEqual(all);
});

test('on a terminal, what would move its cursor is shown and not done; elsewhere a line is as it was written', async () => {
  await site.compile({
    'loud/type': 'longrun\n',
    'loud/run': `#!/bin/sh\nprintf 'one\\ttwo\\033[2J\\n'\nexec sleep 1000\n`,
  });
  await site.must('rc-update');
  await site.must('rc-change', 'loud');
  const line = await eventually('its line', () => site.run('rc-log', 'loud').stdout || undefined);
  expect(line.endsWith('one\ttwo\u001b[2J\n')).toBe(true);
  const terminal = new Terminal(`${site.command('rc-log')} loud`, site.environment);
  await terminal.ended;
  expect(terminal.output).toMatch(/one\ttwo\\u\{1b\}\[2J\r\n$/);
});

test('of a log with odd files the rest is shown, and they are named', async () => {
  const log = join(site.root, 'odd');
  await site.compile({
    'odd/type': 'longrun\n',
    'odd/run': '#!/bin/sh\necho from odd\nexec sleep 1000\n',
    'odd/log': `dir ${log}\n`,
    'fine/type': 'longrun\n',
    'fine/run': '#!/bin/sh\necho from fine\nexec sleep 1000\n',
    'fine/log': `dir ${log}-fine\n`,
  });
  await site.must('rc-update');
  await site.must('rc-change', 'odd', 'fine');
  const all = () => shown('odd', 'fine').map(([, text]) => text);
  await eventually('both lines', () => all().length === 2);
  const archive = (number: number) => join(log, `@4000000${number}0000000000000000.s`);
  makeFifo(archive(1), 0o600);
  mkdirSync(archive(2));
  symlinkSync('/etc/passwd', archive(3));
  writeFileSync(archive(4), Buffer.from([0, 0xff, 0xfe, 10]));
  writeFileSync(archive(5), '');
  truncateSync(archive(5), 2 ** 40);
  const { status, stdout, stderr } = site.run('rc-log', 'odd', 'fine');
  expect(stdout).toMatch(/from odd/);
  expect(stdout).toMatch(/from fine/);
  expect(stdout).not.toMatch(/root:/);
  expect(stderr.split('\n').sort().slice(1)).toEqual([
    `rc-log: not shown: ${archive(1)} is a FIFO`,
    `rc-log: not shown: ${archive(2)} is a directory`,
    `rc-log: not shown: ${archive(3)} is a symbolic link`,
    `rc-log: not shown: ${archive(5)}: EFBIG`,
  ]);
  expect(status).toBe(1);

  // Its logger goes on with another one.
  rmSync(join(log, 'current'));
  makeFifo(join(log, 'current'), 0o600);
  const again = site.run('rc-log', 'odd', 'fine');
  expect([again.status, again.stdout.match(/from .*/g)]).toEqual([1, ['from fine']]);
  expect(again.stderr).toContain(`rc-log: not shown: ${join(log, 'current')} is a FIFO\n`);
});
