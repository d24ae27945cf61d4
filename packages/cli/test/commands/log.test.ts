/** rc-log on services that have no logger: what they write is in the catch-all, among what others do. */
import { eventually } from '@muster/supervise/test/eventually';
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
