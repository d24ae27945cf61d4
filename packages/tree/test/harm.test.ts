/** What somebody does to one service's files, or to the tree's own, is no harm to the other services. */
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import { embedded } from '@muster/protocol/test/contract/backends';
import { Stage } from '@muster/protocol/test/contract/suite';
import { afterEach, beforeEach, expect, test } from 'vitest';

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

test('a control that is no FIFO is replaced by one', async () => {
  const { rig } = stage;
  rig.add('web');
  const control = join(made('web', 'supervise'), 'control');
  writeFileSync(control, '');
  await stage.up('other');
  await rig.told('run', 'web');
  expect(lstatSync(control).isFIFO()).toBe(true);
  await othersLive();
});

test('a supervise that is no directory: tried again until it is, with no descriptor left open', async () => {
  const { rig } = stage;
  rig.add('web');
  const supervise = join(rig.directory('web'), 'supervise');
  writeFileSync(supervise, '');
  await stage.up('other');
  await eventually('it is told', () => stage.supervision.messages().includes('web: unable to supervise'));
  await othersLive();
  const before = descriptors();
  await othersLive();
  expect(descriptors()).toBeLessThanOrEqual(before + 2);
  unlinkSync(supervise);
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

test('a directory in place of the pipe to log/ is replaced by one', async () => {
  const { rig } = stage;
  rig.add('web');
  rig.add('web/log', { run: 'exec cat' });
  const pipe = made('.rc-svscan', 'pipes/web');
  await stage.up('other');
  await rig.told('run', 'web');
  await rig.told('run', 'web/log');
  expect(lstatSync(pipe).isFIFO()).toBe(true);
  await othersLive();
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
