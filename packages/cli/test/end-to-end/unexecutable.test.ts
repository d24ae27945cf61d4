/** A `run` that is nothing to execute fails its start at once, with no limit of time, and the message says what and why. */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { statusOf } from './seen-by-commands.ts';
import { kindsHere, type Source, SupervisedMachine } from './supervisors.ts';

const longrun = (run: string, files: Record<string, string> = {}) => ({ type: 'longrun\n', run, ...files });

function source(): Source {
  return {
    interpreted: longrun('#!/nowhere/sh\nexec sleep 1000\n'),
    notified: longrun('#!/nowhere/sh\nexec sleep 1000\n', { 'notification-fd': '3\n' }),
    policed: longrun('#!/nowhere/sh\nexec sleep 1000\n', { restart: 'never\n' }),
    plain: longrun('echo hi; exec sleep 1000\n'),
    locked: longrun('#!/bin/sh\nexec sleep 1000\n'),
    dependent: longrun('#!/bin/sh\nexec sleep 1000\n', { 'dependencies.d/interpreted': '' }),
  };
}

describe.each(kindsHere())('on %s', (kind) => {
  let supervised: SupervisedMachine;
  beforeEach(async () => {
    supervised = new SupervisedMachine(kind, source);
    await supervised.boot();
  });
  afterEach(() => supervised.dispose());

  const stateOf = (name: string) => statusOf(supervised.machine).get(name)!;
  const fileOf = (service: string, name: string) => join(supervised.machine.live, 'services', service, name);
  /** The author's own, where there is a generated one. */
  const author = kind === 'runit' ? 'run.user' : 'run';

  test.each(['interpreted', 'notified', 'policed'])('%s: its interpreter does not exist', (name) => {
    const { status, stderr } = supervised.machine.run('rc-change', name);
    expect([status, stderr]).toEqual([1, expect.stringContaining(`failed   ${name}`)]);
    expect(stderr).toMatch(/run(\.user)? cannot be executed: its interpreter \/nowhere\/sh does not exist/);
    expect(stateOf(name)).toMatchObject({ state: 'failed', pid: null });
  });

  test('it does not say what interprets it', () => {
    const { status, stderr } = supervised.machine.run('rc-change', 'plain');
    // runit's is executed by a generated `run`: a shell, which interprets it by itself.
    if (kind === 'runit') expect([status, stateOf('plain').state]).toEqual([0, 'up']);
    else expect([status, stderr]).toEqual([1, expect.stringContaining(`${fileOf('plain', 'run')} cannot be executed`)]);
  });

  test('it is not executable; once it is, the next start succeeds', () => {
    const run = fileOf('locked', author);
    chmodSync(run, 0o644);
    const { status, stderr } = supervised.machine.run('rc-change', 'locked');
    expect([status, stderr]).toEqual([1, expect.stringContaining(`${run} cannot be executed: it is not executable`)]);
    chmodSync(run, 0o755);
    supervised.machine.must('rc-change', 'locked');
    expect(stateOf('locked').state).toBe('up');
  });

  test('what needs it is skipped', () => {
    const { status, stderr } = supervised.machine.run('rc-change', 'dependent');
    expect([status, stderr]).toEqual([1, expect.stringMatching(/skipped +dependent +\(because of interpreted\)/)]);
  });

  test('a daemon whose run was spoilt while it ran is started again as soon as it is whole', async () => {
    const { machine } = supervised;
    machine.must('rc-change', 'locked');
    const run = fileOf('locked', author);
    const { pid } = stateOf('locked');
    // It is up from the fork on, and must have read its `run` before that is spoilt.
    await eventually('the daemon', () => readFileSync(`/proc/${pid}/cmdline`, 'latin1').startsWith('sleep'));
    writeFileSync(run, '#!/nowhere/sh\n');
    process.kill(pid!, 'SIGKILL');
    await eventually('the death of the daemon', () => stateOf('locked').pid !== pid);
    const { status } = machine.run('rc-change', 'locked');
    expect(status).toBe(1);
    writeFileSync(run, '#!/bin/sh\nexec sleep 1000\n');
    machine.must('rc-change', 'locked');
  });
});
