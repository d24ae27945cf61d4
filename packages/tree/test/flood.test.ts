/** Who never stops writing to what the tree reads takes no more than its share: others are served meanwhile. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { embedded } from '@muster/protocol/test/contract/backends';
import { Stage } from '@muster/protocol/test/contract/suite';
import { afterEach, beforeEach, expect, test } from 'vitest';

/** Writers for each: one alone may be slower than the tree reads. */
const WRITERS = 4;

let stage: Stage;
let writers: ChildProcess[];
beforeEach(() => {
  stage = new Stage(embedded);
  writers = [];
});
afterEach(async () => {
  for (const writer of writers) writer.kill('SIGKILL');
  await Promise.all(writers.map((writer) => writer.exitCode ?? writer.signalCode ?? once(writer, 'exit')));
  await stage.down();
});

const flood = (path: string) => {
  for (let count = 0; count < WRITERS; count++)
    writers.push(spawn('sh', ['-c', 'exec cat /dev/zero >"$0"', path], { stdio: 'ignore' }));
};

test.each([
  ['the control of a service', 'noisy/supervise/control'],
  ['the channel', '.rc-svscan/control'],
  ['the control of the tree', '.s6-svscan/control'],
])('%s', async (_, path) => {
  const { rig } = stage;
  rig.add('noisy', {});
  rig.add('web', {});
  await stage.up('noisy', 'web');
  await stage.told('run', 'web');
  flood(join(rig.scandir, path));
  stage.svc('web', '-wd', '-d');
  stage.svc('web', '-wu', '-u');
  await stage.told('run', 'web', 2);
  expect(stage.stat('web', 'up,wantedup')).toBe('true true');
});

test('notification descriptors', async () => {
  const { rig } = stage;
  const names = Array.from({ length: WRITERS }, (_, index) => `noisy${index}`);
  for (const name of names) rig.add(name, { files: { 'notification-fd': '3\n' }, run: 'exec cat /dev/zero >&3' });
  rig.add('web', {});
  await stage.up(...names, 'web');
  await stage.told('run', 'web');
  stage.svc('web', '-wd', '-d');
  stage.svc('web', '-wu', '-u');
  await stage.told('run', 'web', 2);
});
