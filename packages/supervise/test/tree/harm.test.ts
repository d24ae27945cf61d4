/** What somebody does to one service's files, or to the tree's own, is no harm to the other services. */
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { embedded } from '../contract/backends.ts';
import { Stage } from '../contract/suite.ts';
import { eventually } from '../eventually.ts';

let stage: Stage;
beforeEach(() => {
  stage = new Stage(embedded);
  stage.rig.add('other', { files: { 'restart-delay': '0\n' } });
});
afterEach(() => stage.down());

const made = (name: string, ...path: string[]) => {
  const directory = join(stage.rig.directory(name), ...path);
  mkdirSync(directory, { recursive: true });
  return directory;
};
const descriptors = () => readdirSync(`/proc/${stage.supervision.pid}/fd`).length;

/** Whether the tree still does what it is for. */
async function othersLive(): Promise<void> {
  const before = stage.rig.journal('run', 'other').length;
  stage.rig.order('other', 'exit 1');
  await stage.rig.told('run', 'other', before + 1);
}

test('a control that is no FIFO: tried again, with no descriptor more each time, until it can be used', async () => {
  const { rig } = stage;
  rig.add('web');
  const control = join(made('web', 'supervise'), 'control');
  writeFileSync(control, '');
  await stage.up('other');
  await eventually('it is told', () => stage.supervision.messages().includes('web: unable to supervise'));
  await othersLive();
  const before = descriptors();
  const lock = join(rig.directory('web'), 'supervise/lock');
  for (let attempt = 0; attempt < 2; attempt++) {
    unlinkSync(lock);
    await eventually('another attempt', () => readdirSync(join(lock, '..')).includes('lock'));
  }
  expect(descriptors()).toBeLessThanOrEqual(before + 2);
  unlinkSync(control);
  await rig.told('run', 'web');
});

test('a lock file that cannot be opened: the service is not started, as if it had failed', async () => {
  const { rig } = stage;
  rig.add('web', { files: { 'lock-fd': '5\n' } });
  const lock = made('web', 'supervise/service-lock');
  await stage.up('web', 'other');
  await stage.becomes('web', 'up,wantedup', 'false true');
  await othersLive();
  rmSync(lock, { recursive: true });
  await rig.told('run', 'web');
});

test('a pipe to log/ that cannot be made: both are started when it can', async () => {
  const { rig } = stage;
  rig.add('web');
  rig.add('web/log', { run: 'exec cat' });
  const pipe = made('.rc-svscan', 'pipes/web');
  await stage.up('other');
  await othersLive();
  await eventually('it is told', () => stage.supervision.messages().includes('web: unable to supervise'));
  rmSync(pipe, { recursive: true });
  await rig.told('run', 'web');
  await rig.told('run', 'web/log');
});

test('subscribers that are none, and a directory of subscribers that is gone', async () => {
  const { rig } = stage;
  await stage.up('other');
  const events = join(rig.scandir, '.rc-svscan/event');
  mkdirSync(join(events, 'directory'));
  readdirSync(join(events, 'directory'));
  writeFileSync(join(events, 'file'), '');
  readFileSync(join(events, 'file'));
  await othersLive();
  rmSync(join(rig.scandir, '.rc-svscan'), { recursive: true });
  await othersLive();
});

test('a subscription that leads elsewhere is not followed', async () => {
  const { rig } = stage;
  await stage.up('other');
  const target = join(rig.root, 'target');
  writeFileSync(target, 'as it was');
  symlinkSync(target, join(rig.directory('other'), 'event/ftrig1:@400000000000000000000001:abcdef'));
  await othersLive();
  expect(readFileSync(target, 'utf8')).toBe('as it was');
});
