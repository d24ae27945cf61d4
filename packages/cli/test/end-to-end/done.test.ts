/** Services that may end: what every command says of them, and of what needs them. */
import { eventually } from '@muster/posix/test/eventually';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { statusOf } from './seen-by-commands.ts';
import { kindsHere, type Source, SupervisedMachine } from './supervisors.ts';

/** Each ends in one way: as it may, or not. */
const DONE = ['job', 'coded', 'killed', 'notified', 'late'];
const FAILED = ['broken', 'unready', 'uncoded'];

function source(directory: string): Source {
  const longrun = (name: string, run: string, files: Readonly<Record<string, string>> = {}) => ({
    type: 'longrun\n',
    run: `#!/bin/sh\necho start >>${directory}/${name}-starts\n${run}\n`,
    restart: 'never\n',
    ...files,
  });
  return {
    job: longrun('job', 'exit 0'),
    coded: longrun('coded', 'exit 3', { restart: 'on-failure\n', 'success-codes': '0\n3\n' }),
    killed: longrun('killed', 'kill -USR1 $$', { 'success-codes': 'SIGUSR1\n' }),
    notified: longrun('notified', 'echo >&3\nexec 3>&-\nsleep 0.3', { 'notification-fd': '3\n' }),
    late: longrun('late', 'sleep 0.4', { finish: '#!/bin/sh\nsleep 0.3\n' }),
    broken: longrun('broken', 'exit 3'),
    unready: longrun('unready', 'exit 0', { 'notification-fd': '3\n' }),
    uncoded: longrun('uncoded', 'exit 0', { 'success-codes': '3\n' }),
    after: {
      type: 'longrun\n',
      run: '#!/bin/sh\nexec sleep 1000\n',
      'dependencies.d/job': '',
      'dependencies.d/late': '',
    },
  };
}

describe.each(kindsHere())('on %s', (kind) => {
  let supervised: SupervisedMachine;
  const starts = (name: string) => supervised.read(`${name}-starts`).split('\n').length - 1;
  const status = (name: string) => statusOf(supervised.machine).get(name)!;

  beforeEach(async () => {
    supervised = new SupervisedMachine(kind, source);
    await supervised.boot();
  });
  afterEach(() => supervised.dispose());

  test('what ends as it may is done: nothing is wrong with it, however often one looks', () => {
    const { machine } = supervised;
    machine.must('rc-change', ...DONE);
    machine.must('rc-wait', '--done', '-t', '20s', ...DONE);
    for (let looks = 0; looks < 10; looks++) {
      const statuses = statusOf(machine);
      const end = { state: 'done', wanted: 'explicit', restarts: 0, reason: null };
      for (const name of DONE) expect(statuses.get(name)).toMatchObject(end);
      const name = DONE[looks % DONE.length]!;
      expect(machine.must('rc-why', name)).toContain(`${name} is done`);
      machine.must('rc-status', '--check');
      machine.must('rc-wait', '-t', '1s', ...DONE);
    }
    machine.must('rc-change', ...DONE);
    expect(DONE.map(starts)).toEqual(DONE.map(() => 1));
  });

  test('another end is a failure, and so is one before it was ready', async () => {
    const { machine } = supervised;
    machine.run('rc-change', ...FAILED);
    await eventually('all of them have failed', () => FAILED.every((name) => status(name).state === 'failed'));
    for (const name of FAILED) {
      expect(machine.run('rc-status', '--check', name).status).toBe(1);
      expect(machine.run('rc-wait', '--done', '-t', '20ms', name).status).toBe(2);
    }
    expect(FAILED.map(starts)).toEqual([1, 1, 1]);
  });

  test('needs on it stay satisfied; a stop takes it down, and a start or restart has it run again', async () => {
    const { machine } = supervised;
    machine.must('rc-change', 'job');
    machine.must('rc-wait', '--done', 'job');
    machine.must('rc-change', 'after');
    machine.must('rc-wait', '--done', '-t', '20s', 'late');
    expect(status('after')).toMatchObject({ state: 'up' });
    expect(starts('job')).toBe(1);
    machine.must('rc-change', '-d', 'job');
    expect([status('job').state, status('after').state]).toEqual(['down', 'down']);
    machine.must('rc-change', 'job');
    machine.must('rc-wait', '--done', '-t', '20s', 'job');
    expect(starts('job')).toBe(2);
    machine.must('rc-change', '--restart', 'job');
    machine.must('rc-wait', '--done', '-t', '20s', 'job');
    expect(starts('job')).toBe(3);
  });
});
