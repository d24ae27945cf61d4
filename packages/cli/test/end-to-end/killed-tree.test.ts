/** The supervision tree is killed under running services, and has no keeper. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import { hasEnded } from '@muster/posix/test/processes';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Machine } from './machine.ts';
import { statusOf } from './seen-by-commands.ts';
import { runningSite } from './site-machine.ts';

describe('after the supervision tree was killed', () => {
  let machine: Machine;
  let web: number;

  beforeEach(async () => {
    machine = runningSite('--no-keeper');
    web = statusOf(machine).get('web')!.pid!;
    const tree = machine.processes().find(({ command }) => command.includes(' svscan '))!;
    process.kill(tree.pid, 'SIGKILL');
    await eventually('the tree is dead', () => hasEnded(tree.pid));
  });
  afterEach(() => machine.dispose());

  test('the next change starts it again, and no service is restarted', () => {
    machine.must('rc-change', 'metrics');
    const status = statusOf(machine);
    expect(status.get('metrics')!.state).toBe('ready');
    expect(status.get('web')).toMatchObject({ state: 'ready', pid: web });
  });

  test('its environment is the one that it was first started with, whoever starts it again', () => {
    const { PATH, RC_LIVE } = machine.environment;
    machine.must('env', '-i', `PATH=${PATH}`, `RC_LIVE=${RC_LIVE}`, 'rc-change', '--restart', 'web');
    expect(statusOf(machine).get('web')).toMatchObject({ state: 'ready' });
  });

  test('rc-shutdown brings everything down all the same', () => {
    machine.must('rc-shutdown');
    expect(machine.processes()).toEqual([]);
    expect(existsSync(machine.live)).toBe(false);
    expect(existsSync(join(machine.directory, 'site'))).toBe(false);
  });
});
