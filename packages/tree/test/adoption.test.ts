/** The tree is killed, and started again on the same scandir: what it had started goes on, and is watched again. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bootTime } from '@muster/posix/boot-time';
import { eventually } from '@muster/posix/test/eventually';
import { hasEnded } from '@muster/posix/test/processes';
import { decodeDeaths } from '@muster/protocol/s6/death-tally';
import { decodeStatus } from '@muster/protocol/s6/status';
import { embedded } from '@muster/protocol/test/contract/backends';
import { Stage } from '@muster/protocol/test/contract/suite';
import { ticksNow } from '@muster/tree/adoption';
import { ChildrenFile } from '@muster/tree/children-file';
import { linuxFiles } from '@muster/tree/system/linux-files';
import { afterEach, beforeEach, expect, test } from 'vitest';

let stage: Stage;
beforeEach(() => {
  stage = new Stage(embedded);
});
afterEach(() => stage.down());

const status = (name: string) => decodeStatus(readFileSync(join(stage.rig.directory(name), 'supervise/status')))!;
const exits = (name: string) =>
  decodeDeaths(readFileSync(join(stage.rig.directory(name), 'supervise/death_tally'))).map(({ exit }) => exit);
/** A daemon runs, and tells so, a moment before the tree has written down which one it is. */
const isKnown = async (name: string) => {
  const started = await stage.rig.told('run', name);
  await stage.becomes(name, 'up,pid', `true ${started.pid}`);
  return started;
};
/** Linux 6.15 and later tell the exit status of processes that are not our children. */
const kernelTells = (() => {
  const [major, minor] = readFileSync('/proc/sys/kernel/osrelease', 'utf8').split('.').map(Number);
  return major! > 6 || (major === 6 && minor! >= 15);
})();

test('a process keeps its pid, its state and its age', async () => {
  const { rig } = stage;
  rig.add('web', { files: { 'notification-fd': '3\n' } });
  rig.add('off', { files: { down: '' } });
  await stage.up('web', 'off');
  const { pid } = await rig.told('run', 'web');
  rig.order('web', 'ready');
  await stage.becomes('web', 'ready', 'true');
  const before = status('web');
  await stage.again();
  await stage.answers('web');
  expect(status('web')).toEqual(before);
  expect(before.pid).toBe(pid);
  expect(rig.journal('run')).toHaveLength(1);
});

test('a process keeps its pid, its state and its age although the children file was lost', async () => {
  const { rig } = stage;
  rig.add('web', { files: { 'notification-fd': '3\n' } });
  rig.add('off', { files: { down: '' } });
  rig.add('gone', {});
  await stage.up('web', 'off', 'gone');
  const { pid } = await rig.told('run', 'web');
  rig.order('web', 'ready');
  await stage.becomes('web', 'ready', 'true');
  const gone = await isKnown('gone');
  const before = status('web');
  await stage.again(async () => {
    rmSync(join(rig.scandir, '.rc-svscan/children'));
    process.kill(gone.pid, 'SIGKILL');
    await eventually('its death', () => hasEnded(gone.pid));
  });
  for (const name of ['web', 'off', 'gone']) await stage.answers(name);
  expect(status('web')).toEqual(before);
  expect(before.pid).toBe(pid);
  await rig.told('run', 'gone', 2);
  expect(rig.journal('run', 'web')).toHaveLength(1);
  stage.svc('web', '-wd', '-d');
});

test('its death is noticed, with its exit status where the kernel tells it, and finish and run follow', async () => {
  const { rig } = stage;
  rig.add('web', { files: { 'restart-delay': '0\n' }, finish: true });
  await stage.up('web');
  await isKnown('web');
  await stage.again();
  await stage.answers('web');
  rig.order('web', 'exit 7');
  const finish = await rig.told('finish', 'web');
  await rig.told('run', 'web', 2);
  if (kernelTells) {
    expect(finish.words.slice(0, 2)).toEqual(['7', '0']);
    expect(exits('web')).toEqual([{ code: 7, signal: 0 }]);
  } else {
    console.log('skipped: the exit status, which only Linux 6.15 and later tell');
  }
});

test('what died while there was no tree is finished and started again', async () => {
  const { rig } = stage;
  rig.add('web', { files: { 'restart-delay': '0\n' }, finish: true });
  await stage.up('web');
  const { pid } = await isKnown('web');
  await stage.again(async () => {
    process.kill(pid, 'SIGKILL');
    await eventually('its death', () => hasEnded(pid));
  });
  await rig.told('finish', 'web');
  await rig.told('run', 'web', 2);
});

test('readiness that is notified while there is no tree is seen by the next one', async () => {
  const { rig } = stage;
  rig.add('web', { files: { 'notification-fd': '3\n' } });
  await stage.up('web');
  const { pid } = await rig.told('run', 'web');
  await stage.again(async () => {
    rig.order('web', 'ready');
    rig.order('web', 'do tell notified');
    await rig.told('notified', 'web');
  });
  await stage.becomes('web', 'up,pid,ready', `true ${pid} true`);
});

test('who was asked to stop is killed when that was to be from the first, however often the tree dies meanwhile', async () => {
  const { rig } = stage;
  const run = "trap 'echo told >>told' TERM\ntell deaf\nwhile :; do sleep 0.05; done";
  const directory = rig.add('web', { files: { 'timeout-kill': '3000\n' }, run });
  await stage.up('web');
  await rig.told('deaf', 'web');
  stage.svc('web', '-d');
  await eventually('the signal', () => existsSync(join(directory, 'told')));
  // So often that a time which begins anew with each tree would never be over.
  for (let lives = 0; stage.stat('web', 'up') === 'true' && lives < 100; lives++) {
    await stage.again();
    await stage.answers('web');
    stage.svc('web', '-d');
  }
  expect(stage.stat('web', 'up')).toBe('false');
  expect(readFileSync(join(directory, 'told'), 'utf8')).toBe('told\n');
});

test('a finish that runs is waited for, and not run again', async () => {
  const { rig } = stage;
  rig.add('web', {
    files: { 'restart-delay': '0\n', 'timeout-finish': '0\n' },
    finish: 'tell finish\nuntil [ -e release ]; do sleep 0.01; done',
  });
  await stage.up('web');
  await rig.told('run', 'web');
  rig.order('web', 'exit 0');
  const { pid } = await rig.told('finish', 'web');
  await stage.again();
  await eventually('its adoption', () => status('web').finishing && status('web').pid === pid);
  await stage.answers('web');
  writeFileSync(join(rig.directory('web'), 'release'), '');
  await rig.told('run', 'web', 2);
  expect(rig.journal('finish', 'web')).toHaveLength(1);
});

test('the pipe to a logger survives, with what is in it', async () => {
  const { rig } = stage;
  rig.add('web');
  rig.add('web/log', { run: 'while read -r line; do echo "$line" >>lines; tell line; done' });
  await stage.up('web', 'web/log');
  await rig.told('run', 'web');
  const logger = await rig.told('run', 'web/log');
  await stage.again(async () => {
    process.kill(logger.pid, 'SIGKILL');
    await eventually('its death', () => hasEnded(logger.pid));
    rig.order('web', 'say kept');
    rig.order('web', 'do tell said');
    await rig.told('said', 'web');
  });
  await rig.told('line', 'web/log');
  expect(readFileSync(join(rig.directory('web/log'), 'lines'), 'utf8')).toBe('kept\n');
});

test('a start that was in flight is found, and not repeated', async () => {
  const { rig } = stage;
  rig.add('web');
  await stage.up('web');
  const { pid } = await rig.told('run', 'web');
  await stage.again(() => forgetTheStart('web'));
  await stage.becomes('web', 'up,pid', `true ${pid}`);
  rig.order('web', 'do tell still');
  await rig.told('still', 'web');
  expect(rig.journal('run', 'web')).toHaveLength(1);
});

test('a start that was in flight and never happened is made', async () => {
  const { rig } = stage;
  rig.add('web', { files: { 'restart-delay': '0\n' } });
  await stage.up('web');
  const { pid } = await rig.told('run', 'web');
  await stage.again(async () => {
    forgetTheStart('web');
    process.kill(pid, 'SIGKILL');
    await eventually('its death', () => hasEnded(pid));
  });
  await rig.told('run', 'web', 2);
});

/** Makes the children file say what it says between the moment before a start and the moment after. */
function forgetTheStart(name: string): void {
  const children = new ChildrenFile(join(stage.rig.scandir, '.rc-svscan/children'), linuxFiles);
  const slot = children.inherited(name)!;
  expect(slot.startTime).toBeGreaterThan(ticksNow({ bootTime }) - 100_000);
  children.write(name, { ...slot, phase: 'starting-run', pid: 0 });
  children.close();
}
