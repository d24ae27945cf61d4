/** rc-log on services that have no logger: what they write is in the catch-all, among what others do. */
import { eventually } from '@muster/supervise/test/eventually';
import { afterEach, beforeEach, expect, test } from 'vitest';
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
