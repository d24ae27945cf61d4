/** What services have as standard output and error: an end to write to, which shows nobody what others write. */
import { chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Tree } from '../compile/trees.ts';
import { TestSite } from '../update/test-site.ts';

const NOBODY = 65534;
const isRoot = process.getuid?.() === 0;
if (!isRoot) console.log('skipped: services that run as another user, which only root can start');

let site: TestSite;
let told: string;
beforeEach(() => {
  site = new TestSite();
  told = join(site.root, 'told');
  mkdirSync(told);
  // For services that run as another user.
  chmodSync(site.root, 0o755);
  chmodSync(told, 0o777);
});
afterEach(() => {
  site.run('rc-shutdown');
  site.remove();
});

const read = (name: string) => {
  const path = join(told, name);
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
};

/** The access mode of each of `descriptors`, in a line of `NAME` in `told`, then `rest`. */
const telling = (descriptors: string, rest = 'exec sleep 1000') => `#!/bin/sh
for fd in ${descriptors}; do
  while read -r word flags; do [ "$word" != flags: ] || echo "$fd:\${flags#"\${flags%?}"}"; done </proc/$$/fdinfo/$fd
done >${told}/$1.new
mv ${told}/$1.new ${told}/$1
${rest}
`;
const READ = 0;
const WRITE = 1;

const names = (services: Tree) => [...new Set(Object.keys(services).map((path) => path.split('/')[0]!))];

test('of a pipeline the producers can only write, and the consumer can only read', async () => {
  const services = {
    'web/type': 'longrun\n',
    'web/run': telling('1', 'echo from web\nexec sleep 1000'),
    'web/producer-for': 'sink\n',
    'worker/type': 'longrun\n',
    'worker/run': telling('1', 'echo from worker\nexec sleep 1000'),
    'worker/producer-for': 'sink\n',
    'sink/type': 'longrun\n',
    'sink/run': telling('0', `exec cat >${told}/lines`),
    'sink/consumer-for': 'web\nworker\n',
    'single/type': 'longrun\n',
    'single/run': telling('1 2'),
    'single/log': `dir ${site.root}/log\n`,
  };
  await site.boot(services, ['web', 'worker', 'single']);
  await eventually('both lines', () => read('lines').split('\n').length === 3);
  expect(read('sink')).toBe(`0:${READ}\n`);
  for (const producer of ['web', 'worker']) expect(read(producer)).toBe(`1:${WRITE}\n`);
  await eventually('the service with a log', () => read('single') !== '');
  expect(read('single')).toBe(`1:${WRITE}\n2:${WRITE}\n`);
});

/** What a user's service can open of its output again, in the order of the words. */
const reopening = (descriptors: string) => `#!/bin/sh
for fd in ${descriptors}; do
  echo "$1 wrote to $fd" >$fd
  can=read
  (: <$fd) || can='may not read'
  echo "$can $fd" >>${told}/$1.new
done
mv ${told}/$1.new ${told}/$1
exec sleep 1000
`;

test.skipIf(!isRoot)(
  'services that run as another user can open /dev/stdout and /dev/stderr, to write only',
  async () => {
    const outputs = '/dev/stdout /dev/stderr /proc/self/fd/1';
    const services = {
      'caught/type': 'longrun\n',
      'caught/run': reopening(outputs),
      'caught/user': `${NOBODY}:${NOBODY}\n`,
      'logged/type': 'longrun\n',
      'logged/run': reopening(outputs),
      'logged/user': `${NOBODY}:${NOBODY}\n`,
      'logged/log': `dir ${told}/log\n`,
      'web/type': 'longrun\n',
      'web/run': reopening('/dev/stdout'),
      'web/user': `${NOBODY}:${NOBODY}\n`,
      'web/producer-for': 'sink\n',
      'sink/type': 'longrun\n',
      'sink/run': `#!/bin/sh\nexec cat >${told}/lines\n`,
      'sink/consumer-for': 'web\n',
    };
    await site.boot(services, names(services));
    const all = outputs.split(' ');
    for (const name of ['caught', 'logged']) {
      await eventually(`what ${name} could do`, () => read(name) !== '');
      expect(read(name)).toBe(all.map((output) => `may not read ${output}\n`).join(''));
      // The shell says there as well what it may not do.
      const lines = () => site.run('rc-log', name).stdout.match(/\S+ wrote to .*/g) ?? [];
      await eventually(`the lines of ${name}`, () => lines().length === all.length);
      expect(lines()).toEqual(all.map((output) => `${name} wrote to ${output}`));
    }
    await eventually('what the producer could do', () => read('web') !== '');
    expect(read('web')).toBe('may not read /dev/stdout\n');
    await eventually('the line of the producer', () => read('lines').startsWith('web wrote to /dev/stdout\n'));
  },
);
