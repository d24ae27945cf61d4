/** What s6-svc can ask for. */
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import { SIGNAL_LETTERS } from '@muster/protocol/s6/control';
import { decodeDeaths } from '@muster/protocol/s6/death-tally';
import { describe, expect, test } from 'vitest';
import { onEveryBackend } from './suite.ts';

const DEADLY = ['a', 'b', 'q', 'h', 'k', 't', 'i', '1', '2'] as const;

onEveryBackend((stage) => {
  const downFile = () => existsSync(join(stage().rig.directory('web'), 'down'));

  test('signals', async () => {
    const { rig } = stage();
    rig.add('web', { files: { down: '' }, run: 'exec sleep 1000' });
    await stage().up('web');
    const expected: number[] = [];
    for (const letter of DEADLY) {
      stage().svc('web', '-o');
      await stage().told('run', 'web', expected.length + 1);
      stage().svc('web', '-wD', `-${letter}`);
      expected.push(constants.signals[SIGNAL_LETTERS[letter]]);
    }
    const deaths = decodeDeaths(readFileSync(join(rig.directory('web'), 'supervise/death_tally')));
    expect(deaths.map(({ exit }) => exit.signal)).toEqual(expected);
  });

  test('pause and continue', async () => {
    const { rig } = stage();
    rig.add('web');
    await stage().up('web');
    const { pid } = await stage().told('run', 'web');
    const processState = () => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]![0];
    stage().svc('web', '-p');
    await stage().becomes('web', 'up,paused', 'true true');
    await eventually('it is stopped', () => processState() === 'T');
    stage().svc('web', '-c');
    await stage().becomes('web', 'up,paused', 'true false');
    await eventually('it goes on', () => processState() !== 'T');
  });

  describe('down', () => {
    test('ends it for good; up brings it back', async () => {
      const { rig } = stage();
      rig.add('web', { finish: true });
      await stage().up('web');
      await stage().told('run', 'web');
      stage().svc('web', '-wD', '-d');
      expect(stage().stat('web', 'up,wantedup,signal')).toBe('false false SIGTERM');
      expect(downFile()).toBe(false);
      stage().svc('web', '-wu', '-u');
      expect(stage().stat('web', 'up,wantedup')).toBe('true true');
    });

    test('also ends what is stopped', async () => {
      const { rig } = stage();
      rig.add('web');
      await stage().up('web');
      await stage().told('run', 'web');
      stage().svc('web', '-p');
      await stage().becomes('web', 'paused', 'true');
      stage().svc('web', '-wd', '-d');
      expect(stage().stat('web', 'up,signal')).toBe('false SIGTERM');
    });

    test('with a down file, which up removes', async () => {
      const { rig } = stage();
      rig.add('web');
      await stage().up('web');
      await stage().told('run', 'web');
      stage().svc('web', '-wD', '-D');
      expect(downFile()).toBe(true);
      expect(stage().stat('web', 'up,normallyup')).toBe('false false');
      stage().svc('web', '-wu', '-U');
      expect(downFile()).toBe(false);
      expect(stage().stat('web', 'up,normallyup')).toBe('true true');
    });

    test('uses down-signal, by name or number', async () => {
      const { rig } = stage();
      rig.add('web', { files: { 'down-signal': 'SIGINT\n' }, run: 'exec sleep 1000' });
      rig.add('other', { files: { 'down-signal': '12\n' }, run: 'exec sleep 1000' });
      await stage().up('web', 'other');
      await stage().told('run', 'web');
      await stage().told('run', 'other');
      stage().svc('web', '-wd', '-d');
      stage().svc('other', '-wd', '-d');
      expect(stage().stat('web', 'signal')).toBe('SIGINT');
      expect(stage().stat('other', 'signal')).toBe('SIGUSR2');
    });

    test('kills after timeout-kill', async () => {
      const { rig } = stage();
      rig.add('web', {
        files: { 'timeout-kill': '50\n' },
        run: "trap '' TERM\ntell deaf\nexec sleep 1000",
      });
      await stage().up('web');
      await stage().told('deaf', 'web');
      stage().svc('web', '-wd', '-d');
      expect(stage().stat('web', 'up,signal')).toBe('false SIGKILL');
    });
  });

  describe('once', () => {
    test('starts it, and does not start it again', async () => {
      const { rig } = stage();
      rig.add('web', { files: { down: '' } });
      await stage().up('web');
      stage().svc('web', '-o');
      await stage().told('run', 'web');
      rig.order('web', 'exit 3');
      await stage().becomes('web', 'up,wantedup,exitcode', 'false false 3');
      expect(rig.journal('run', 'web')).toHaveLength(1);
    });

    test('of what runs lets it run', async () => {
      const { rig } = stage();
      rig.add('web');
      await stage().up('web');
      const { pid } = await stage().told('run', 'web');
      stage().svc('web', '-O');
      await stage().becomes('web', 'up,wantedup,pid', `true false ${pid}`);
    });

    test('of what is down starts nothing', async () => {
      const { rig } = stage();
      rig.add('web', { files: { down: '' } });
      await stage().up('web');
      stage().svc('web', '-O');
      stage().svc('web', '-p');
      await stage().becomes('web', 'up,wantedup', 'false false');
      expect(rig.journal('run', 'web')).toEqual([]);
    });
  });

  test('restart', async () => {
    const { rig } = stage();
    rig.add('web', { files: { 'down-signal': 'INT\n' }, run: 'exec sleep 1000' });
    await stage().up('web');
    await stage().told('run', 'web');
    stage().svc('web', '-wr', '-r');
    await stage().told('run', 'web', 2);
    expect(stage().stat('web', 'up,wantedup')).toBe('true true');
  });

  test('exit: the supervisor goes when the service is down, and a new one comes for what is still in the scandir', async () => {
    const { rig } = stage();
    rig.add('web');
    await stage().up('web');
    await stage().told('run', 'web');
    stage().svc('web', '-D');
    await stage().becomes('web', 'up,normallyup', 'false false');
    stage().svc('web', '-wu', '-u');
    await stage().told('run', 'web', 2);
    stage().svc('web', '-x');
    stage().svc('web', '-k');
    await stage().becomes('web', 'up,wantedup', 'false false');
    await stage().answers('web');
    expect(rig.journal('run', 'web')).toHaveLength(2);
  });
});
