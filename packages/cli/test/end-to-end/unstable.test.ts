/** Services that die: before they are ready, while the command that started them waits, and again and again. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { statusOf } from './seen-by-commands.ts';
import { kindsHere, type Source, SupervisedMachine } from './supervisors.ts';

const FLAPPING = ['mayfly', 'fly', 'flapping'];

function source(directory: string): Source {
  const begins = (name: string) => `#!/bin/sh\necho start >>${directory}/${name}-starts\n`;
  const longrun = (name: string, run: string) => ({ type: 'longrun\n', run: `${begins(name)}${run}\n` });
  const READY = { 'notification-fd': '3\n' };
  return {
    late: {
      ...longrun('late', `[ $(wc -l <${directory}/late-starts) -ge 3 ] || exit 1\necho >&3\nexec sleep 1000`),
      ...READY,
      'restart-limit': '5/60s\n',
    },
    doomed: { ...longrun('doomed', 'exit 4'), ...READY, 'restart-limit': '2/60s\n' },
    hopeless: { ...longrun('hopeless', 'exit 4'), ...READY },
    checked: {
      ...longrun('checked', 'exec sleep 1000'),
      'ready-check': `#!/bin/sh\n[ -e ${directory}/hung ] && exit 0\n: >${directory}/hung\nsleep 777 & wait\n`,
    },
    brief: longrun('brief', 'sleep 0.2\nexit 5'),
    slow: { type: 'oneshot\n', up: `sh -c "while [ ! -e ${directory}/go ]; do sleep 0.02; done"\n` },
    // Long enough to be seen: what is gone sooner may count as a start that failed.
    mayfly: longrun('mayfly', 'sleep 0.3\nexit 1'),
    fly: longrun('fly', 'sleep 2'),
    flapping: { ...longrun('flapping', 'echo >&3\nsleep 0.5\nexit 1'), ...READY },
    sound: longrun('sound', 'exec sleep 1000'),
    quick: { ...longrun('quick', 'exec sleep 1000'), 'stable-after': '200ms\n' },
    crashing: { ...longrun('crashing', 'sleep 1\nexit 7'), 'stable-after': '60s\n' },
    'on-sound': { type: 'longrun\n', run: '#!/bin/sh\nexec sleep 1000\n', 'dependencies.d/sound': '' },
    'on-crashing': { type: 'longrun\n', run: '#!/bin/sh\nexec sleep 1000\n', 'dependencies.d/crashing': '' },
  };
}

/** Of a service that has died more than once. runsv keeps no times. */
const WHY_WITH_COUNT = {
  embedded: /; died \d+ times in .*, each with exit [01]\n/,
  s6: /; died \d+ times in .*, each with exit [01]\n/,
  runit: /; died \d+ times\n/,
};

describe.each(kindsHere())('on %s', (kind) => {
  let supervised: SupervisedMachine;
  const starts = (name: string) => supervised.read(`${name}-starts`).split('\n').length - 1;
  const status = (name: string) => statusOf(supervised.machine).get(name)!;

  beforeEach(async () => {
    supervised = new SupervisedMachine(kind, source);
    await supervised.boot();
  });
  afterEach(() => supervised.dispose());

  test('what dies before it is ready is tried again, until its limit is reached', () => {
    const { machine } = supervised;
    machine.must('rc-change', 'late');
    expect(status('late')).toMatchObject({ state: 'ready' });
    expect(starts('late')).toBe(3);
    expect(machine.run('rc-change', 'doomed').status).toBe(1);
    expect(status('doomed')).toMatchObject({ state: 'failed', pid: null, lastExit: { code: 4 } });
    expect(starts('doomed')).toBe(3);
  });

  test('what dies before it is ready again and again has failed, although no limit says when', () => {
    const { status: exit, stderr } = supervised.machine.run('rc-change', 'hopeless');
    expect([exit, stderr]).toEqual([1, expect.stringContaining('start failed: it exited with 4')]);
    expect(status('hopeless')).toMatchObject({ state: 'failed', pid: null });
  });

  test('a check that hangs has failed, and is made again', async () => {
    const { machine } = supervised;
    machine.must('rc-change', 'checked');
    expect(status('checked')).toMatchObject({ state: 'ready' });
    await eventually('its end', () => !machine.processes().some(({ command }) => command === 'sleep 777'));
  });

  test('rc-change fails when what it started has died before it ends, although it runs again', async () => {
    const { machine } = supervised;
    const change = spawn('rc-change', ['slow', 'brief'], { env: machine.environment, stdio: 'ignore' });
    const ended = once(change, 'exit');
    await eventually('another one', () => starts('brief') >= 2);
    writeFileSync(join(machine.directory, 'go'), '');
    expect(await ended).toEqual([1, null]);
  });

  test('what dies again and again looks bad whenever somebody looks, and everybody says so', async () => {
    const { machine } = supervised;
    machine.run('rc-change', ...FLAPPING);
    await eventually('the first deaths', () => FLAPPING.every((name) => starts(name) >= 2));
    for (let looks = 0; looks < 10; looks++) {
      for (const name of FLAPPING) {
        const { state } = status(name);
        expect(['unstable', 'backoff'], `${name} is ${state}`).toContain(state);
        expect(machine.run('rc-status', '--check', name).status).toBe(1);
        expect(machine.run('rc-wait', '-t', '20ms', name).status).toBe(2);
        expect(machine.must('rc-why', name)).toMatch(/ is (unstable|backoff): it exited with/);
        if (looks === 9) expect(machine.must('rc-why', name)).toMatch(WHY_WITH_COUNT[kind]);
      }
    }
  }, 120_000);

  test('what died once is unstable, and well again when it has lived', async () => {
    const { machine } = supervised;
    machine.must('rc-change', 'sound');
    machine.must('rc-status', '--check');
    machine.must('rc-wait', 'sound');
    const { pid } = status('sound');
    process.kill(pid!, 'SIGKILL');
    await eventually('another one', () => starts('sound') === 2);
    await eventually('its state', () => status('sound').state === 'unstable');
    expect(machine.run('rc-status', '--check').status).toBe(1);
    machine.must('rc-wait', '-t', '20s', 'sound');
    machine.must('rc-status', '--check');
    expect(status('sound')).toMatchObject({ state: 'up' });
  });

  test('what needs it is started when it has lived long enough', async () => {
    const { machine } = supervised;
    machine.must('rc-change', 'sound');
    process.kill(status('sound').pid!, 'SIGKILL');
    await eventually('another one', () => status('sound').state === 'unstable');
    const { pid } = status('sound');
    machine.must('rc-change', 'on-sound');
    expect(status('sound')).toMatchObject({ state: 'up', pid });
    expect(status('on-sound')).toMatchObject({ state: 'up' });
  });

  test('and not at all, should it die again before', async () => {
    const { machine } = supervised;
    if (kind !== 'embedded') return;
    machine.run('rc-change', 'crashing');
    await eventually('it is unstable', () => status('crashing').state === 'unstable');
    const { status: exit, stderr } = machine.run('rc-change', 'on-crashing');
    expect([exit, stderr]).toEqual([1, expect.stringContaining('it exited with 7')]);
    expect(status('on-crashing')).toMatchObject({ state: 'blocked' });
  });

  test('how long that is, its definition may say', async () => {
    const { machine } = supervised;
    machine.must('rc-change', 'quick');
    process.kill(status('quick').pid!, 'SIGKILL');
    await eventually('another one', () => starts('quick') === 2);
    machine.must('rc-wait', '-t', '4s', 'quick');
    expect(status('quick')).toMatchObject({ state: 'up' });
  });
});
