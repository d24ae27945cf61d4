/** Services that die before they are ready, and are tried again only so often. */
import { eventually } from '@muster/posix/test/eventually';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { statusOf } from './seen-by-commands.ts';
import { kindsHere, type Source, SupervisedMachine } from './supervisors.ts';

function source(directory: string): Source {
  const longrun = (name: string, run: string, files: Readonly<Record<string, string>>) => ({
    type: 'longrun\n',
    run: `#!/bin/sh\necho start >>${directory}/${name}-starts\n${run}\n`,
    'restart-delay': '1s..2s\n',
    'restart-delay-factor': '1\n',
    ...files,
  });
  const nth = (name: string) => `case $(wc -l <${directory}/${name}-starts) in`;
  return {
    hopeless: longrun('hopeless', 'exit 4', { 'notification-fd': '3\n', 'start-retries': '1\n' }),
    young: longrun('young', 'exit 4', { 'ready-after': '60000\n', 'start-retries': '0\n' }),
    forgetful: longrun(
      'forgetful',
      `${nth('forgetful')} 1|3) exit 1 ;; 2) echo >&3; sleep 1; exit 1 ;; esac\necho >&3\nexec sleep 1000`,
      {
        'notification-fd': '3\n',
        'start-retries': '1\n',
      },
    ),
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

  test('it has failed after so many more starts, each time that it is asked for', () => {
    const { machine } = supervised;
    for (const times of [1, 2]) {
      expect(machine.run('rc-change', 'hopeless', 'young').status).toBe(1);
      expect(status('hopeless')).toMatchObject({ state: 'failed', pid: null });
      expect(status('young')).toMatchObject({ state: 'failed', pid: null });
      expect([starts('hopeless'), starts('young')]).toEqual([2 * times, times]);
    }
  });

  test('once it was ready, the starts before are forgotten', async () => {
    supervised.machine.run('rc-change', 'forgetful');
    await eventually('the fourth start', () => starts('forgetful') === 4);
    supervised.machine.must('rc-wait', '-t', '20s', 'forgetful');
    expect(status('forgetful')).toMatchObject({ state: 'ready' });
  });
});
