/** A daemon is asked to stop once, and killed when that was to be from the first, however often the order is repeated. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import { s6 } from '@muster/protocol/test/rig';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { statusOf } from './seen-by-commands.ts';
import { kindsHere, type Source, SupervisedMachine } from './supervisors.ts';

/** More than the commands' own reminders need to come. */
const LONGER_THAN_A_REMINDER = '2500ms';

function source(directory: string): Source {
  const tells = (name: string) => `trap 'echo told >>${directory}/${name}-told' TERM`;
  return {
    slow: {
      type: 'longrun\n',
      run: `#!/bin/sh\n${tells('slow')}\n: >${directory}/slow-listens\nwhile [ ! -e ${directory}/go ]; do sleep 0.05; done\n`,
      'timeout-kill': '60000\n',
    },
    deaf: {
      type: 'longrun\n',
      run: `#!/bin/sh\n${tells('deaf')}\n: >${directory}/deaf-listens\nwhile :; do sleep 0.05; done\n`,
      'timeout-kill': '2000\n',
    },
  };
}

describe.each(kindsHere())('on %s', (kind) => {
  let supervised: SupervisedMachine;
  const told = (name: string) => supervised.read(`${name}-told`);
  const pidOf = (name: string) => statusOf(supervised.machine).get(name)!.pid;

  beforeEach(async () => {
    supervised = new SupervisedMachine(kind, source);
    await supervised.boot();
  });
  afterEach(() => supervised.dispose());

  test('a slow daemon gets one signal from a command that waits, is killed, and is called again', async () => {
    const { machine } = supervised;
    machine.must('rc-change', 'slow');
    await eventually('its trap', () => existsSync(join(machine.directory, 'slow-listens')));
    const first = spawn('rc-change', ['-d', 'slow'], { env: machine.environment, stdio: 'ignore' });
    await eventually('the signal', () => told('slow') !== '');
    first.kill('SIGKILL');
    await once(first, 'exit');
    expect(machine.run('rc-change', '-d', '-t', LONGER_THAN_A_REMINDER, 'slow').status).toBe(2);
    expect(machine.run('rc-change', '-d', '-t', '100ms', 'slow').status).toBe(2);
    if (kind === 'embedded') s6('s6-svc', '-d', '-r', join(machine.live, 'services/slow'));
    writeFileSync(join(machine.directory, 'go'), '');
    machine.must('rc-change', '-d', 'slow');
    expect(told('slow')).toBe('told\n');
  });

  test('a deaf daemon is killed although the order is repeated again and again', async () => {
    const { machine } = supervised;
    machine.must('rc-change', 'deaf');
    await eventually('its trap', () => existsSync(join(machine.directory, 'deaf-listens')));
    await eventually('its death', () => {
      machine.run('rc-change', '-d', '-t', '50ms', 'deaf');
      if (kind === 'embedded') s6('s6-svc', '-d', join(machine.live, 'services/deaf'));
      return pidOf('deaf') === null;
    });
    expect(told('deaf')).toBe('told\n');
    expect(statusOf(machine).get('deaf')).toMatchObject({ lastExit: { signal: 9 } });
  });
});
