/** What a supervisor leaves that was killed, or whose directory was removed: it is ended, and never there twice. */
import { readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import { haveExecuted } from '@muster/posix/test/processes';
import { isListenedTo } from '@muster/posix/test/supervisor-of';
import { afterEach, describe, expect, test } from 'vitest';
import { statusOf } from './seen-by-commands.ts';
import { kindsHere, SupervisedMachine } from './supervisors.ts';

const DAEMON = { type: 'longrun\n', run: '#!/bin/sh\nexec sleep 1234\n' };

let supervised: SupervisedMachine;
afterEach(() => supervised.dispose());

const daemons = () => supervised.machine.processes().filter(({ command }) => command.includes('sleep 1234'));
/** Of each service one, and it is the one that is known. */
const expectOneOfEach = async () => {
  const known = [...statusOf(supervised.machine).values()].map(({ pid }) => pid!);
  await haveExecuted(known, 'sleep');
  expect(
    daemons()
      .map(({ pid }) => pid)
      .sort(),
  ).toEqual(known.sort());
};
const isTree = ({ command }: { readonly command: string }) => /s6-svscan|runsvdir/.test(command);
const boot = async (kind: 's6' | 'runit') => {
  supervised = new SupervisedMachine(kind, () => ({ web: DAEMON, other: DAEMON }));
  await supervised.boot();
  supervised.machine.must('rc-change', 'web', 'other');
  return statusOf(supervised.machine).get('web')!.pid!;
};
const killSupervisorOf = async (pid: number) => {
  const parent = () => Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]);
  const supervisor = parent();
  process.kill(supervisor, 'SIGKILL');
  await eventually('another parent', () => parent() !== supervisor);
};
const anotherSupervises = (name: string) => {
  const control = join(supervised.machine.live, 'services', name, 'supervise/control');
  return eventually(`another supervisor of ${name}`, () => isListenedTo(control));
};
const expectNothingLeft = async () => {
  supervised.machine.run('rc-shutdown');
  await eventually('the end of every process', () => supervised.machine.processes().every(isTree));
};

test('on embedded, a service whose directory was removed ends, and another one comes with rc-init', async () => {
  supervised = new SupervisedMachine('embedded', () => ({ web: DAEMON, other: DAEMON }));
  await supervised.boot();
  const { machine } = supervised;
  machine.must('rc-change', 'web', 'other');
  const { pid } = statusOf(machine).get('web')!;
  rmSync(join(machine.live, 'services/web'), { recursive: true });
  expect(statusOf(machine).get('web')!.state).toBe('failed');
  const { status, stderr } = machine.run('rc-change', 'web');
  expect([status, stderr]).toEqual([1, expect.stringContaining('no supervisor answers')]);
  machine.must('rc-init');
  await eventually('its end', () => !daemons().some((daemon) => daemon.pid === pid));
  machine.must('rc-change', 'web');
  await expectOneOfEach();
  machine.must('rc-shutdown');
  await eventually('the end of every process', () => machine.processes().length === 0);
});

describe.each((['s6', 'runit'] as const).filter((kind) => kindsHere().includes(kind)))('on %s', (kind) => {
  test('a daemon whose supervisor was killed is ended by rc-init, which says so, and started once', async () => {
    const pid = await boot(kind);
    await killSupervisorOf(pid);
    const { machine } = supervised;
    const { status, stderr } = machine.run('rc-init');
    expect([status, stderr]).toEqual([0, `rc-init: web (pid ${pid}) had no supervisor any more: ended\n`]);
    machine.must('rc-change', 'web');
    await expectOneOfEach();
    expect(machine.run('rc-init').stderr).toBe('');
    await expectNothingLeft();
  });

  test('a daemon whose supervisor was killed is not there twice after rc-change either', async () => {
    const pid = await boot(kind);
    await killSupervisorOf(pid);
    await anotherSupervises('web');
    supervised.machine.must('rc-change', 'web');
    expect(daemons().some((daemon) => daemon.pid === pid)).toBe(false);
    await expectOneOfEach();
    await expectNothingLeft();
  });

  test('nor is one that has left its directory', async () => {
    const run = '#!/bin/sh\ncd /\nexec sleep 1234\n';
    supervised = new SupervisedMachine(kind, () => ({ web: { ...DAEMON, run }, other: DAEMON }));
    await supervised.boot();
    const { machine } = supervised;
    machine.must('rc-change', 'web', 'other');
    const pid = statusOf(machine).get('web')!.pid!;
    await killSupervisorOf(pid);
    await anotherSupervises('web');
    machine.must('rc-change', 'web');
    expect(daemons().some((daemon) => daemon.pid === pid)).toBe(false);
    await expectOneOfEach();
    await expectNothingLeft();
  });

  test('what a service has sent away is its own affair, until the shutdown', async () => {
    const run = '#!/bin/sh\n(setsid sleep 4321 &)\nexec sleep 1234\n';
    supervised = new SupervisedMachine(kind, () => ({ web: { ...DAEMON, run } }));
    await supervised.boot();
    const { machine } = supervised;
    machine.must('rc-change', 'web');
    const isThere = () => machine.processes().some(({ command }) => command.includes('sleep 4321'));
    await eventually('what it sends away', isThere);
    expect(machine.run('rc-init').stderr).toBe('');
    expect(isThere()).toBe(true);
    await expectNothingLeft();
  });

  test('a daemon whose supervisor was killed ends with the shutdown', async () => {
    await killSupervisorOf(await boot(kind));
    await expectNothingLeft();
  });

  test('a supervisor whose directory was removed ends with its daemon, and another one comes', async () => {
    const pid = await boot(kind);
    const { machine } = supervised;
    rmSync(join(machine.live, 'services/web'), { recursive: true });
    // runsvdir may have looked while the directory was missing: it looks again when this second has changed.
    const second = () => Math.floor(statSync(supervised.scandir).mtimeMs / 1000);
    const before = second();
    expect(machine.run('rc-init').stderr).toContain(`web (pid `);
    if (kind === 'runit') expect(second()).not.toBe(before);
    await eventually('its end', () => !daemons().some((daemon) => daemon.pid === pid));
    machine.must('rc-change', 'web');
    await expectOneOfEach();
    await expectNothingLeft();
  });

  test('a supervisor whose directory was removed ends with the shutdown', async () => {
    await boot(kind);
    rmSync(join(supervised.machine.live, 'services/web'), { recursive: true });
    await expectNothingLeft();
  });
});
