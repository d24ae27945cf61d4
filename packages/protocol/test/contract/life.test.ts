/** From start to death and back: what runs, with which arguments, and what s6's tools see. */
import { existsSync, lstatSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import { decodeDeaths } from '@muster/protocol/s6/death-tally';
import { decodeStatus } from '@muster/protocol/s6/status';
import { describe, expect, test } from 'vitest';
import { s6 } from '../rig.ts';
import { onEveryBackend } from './suite.ts';

onEveryBackend((stage) => {
  const status = (name: string) => decodeStatus(readFileSync(join(stage().rig.directory(name), 'supervise/status')))!;
  const tally = (name: string) =>
    decodeDeaths(readFileSync(join(stage().rig.directory(name), 'supervise/death_tally')));

  describe('a start', () => {
    test('runs what has no down file, with its name as argument, in its directory, as leader of a session', async () => {
      const { rig } = stage();
      rig.add('web');
      rig.add('off', { files: { down: '' } });
      await stage().up('web', 'off');
      const run = await rig.told('run', 'web');
      expect(run.words).toEqual(['web']);
      expect(readFileSync(`/proc/${run.pid}/stat`, 'utf8').split(') ')[1]!.split(' ')[3]).toBe(String(run.pid));
      await stage().becomes('web', 'up,pid,wantedup,normallyup,ready', `true ${run.pid} true true false`);
      await stage().becomes('off', 'up,pid,wantedup,normallyup', 'false -1 false false');
      expect(rig.journal('run', 'off')).toEqual([]);
    });

    test('leaves the files that s6 documents, with its modes', async () => {
      const directory = stage().rig.add('web');
      await stage().up('web');
      await stage().rig.told('run', 'web');
      const mode = (path: string) => {
        const { mode } = lstatSync(join(directory, path));
        return mode.toString(8);
      };
      expect(mode('event')).toBe('43730');
      // s6 lets nobody else look into it. The tree lets everybody see how services are, so the lock is its own there.
      const isOpen = stage().backend.name === 'rc-svscan';
      expect(mode('supervise')).toBe(isOpen ? '40755' : '40700');
      expect(mode('supervise/control')).toBe('10600');
      expect(mode('supervise/lock')).toBe(isOpen ? '100600' : '100644');
      expect(mode('supervise/status')).toBe('100644');
      expect(mode('../.s6-svscan')).toBe('40700');
      expect(mode('../.s6-svscan/control')).toBe('10600');
      expect(mode('../.s6-svscan/lock')).toBe('100600');
    });

    test('follows a supervise that is a symbolic link to nowhere', async () => {
      const { rig } = stage();
      const directory = rig.add('web');
      const elsewhere = join(rig.root, 'elsewhere');
      expect(s6('ln', '-s', elsewhere, join(directory, 'supervise')).status).toBe(0);
      await stage().up('web');
      await rig.told('run', 'web');
      expect(existsSync(join(elsewhere, 'status'))).toBe(true);
    });

    test('is tried again when run cannot be executed', async () => {
      const { rig } = stage();
      const directory = rig.add('web', { files: { down: '' } });
      s6('chmod', '-x', join(directory, 'run'));
      await stage().up('web');
      stage().svc('web', '-u');
      await stage().becomes('web', 'up,wantedup', 'false true');
      s6('chmod', '+x', join(directory, 'run'));
      stage().svc('web', '-u');
      await rig.told('run', 'web');
    });
  });

  describe('a death', () => {
    test('is followed by finish, with exit code, signal and name, and by another run', async () => {
      const { rig } = stage();
      rig.add('web', { finish: true });
      await stage().up('web');
      const first = await rig.told('run', 'web');
      rig.order('web', 'exit 7');
      const finish = await rig.told('finish', 'web');
      expect(finish.words.slice(0, 3)).toEqual(['7', '0', 'web']);
      const second = await rig.told('run', 'web', 2);
      expect(second.pid).not.toBe(first.pid);
      expect(tally('web').map(({ exit }) => exit)).toEqual([{ code: 7, signal: 0 }]);
      process.kill(second.pid, 'SIGUSR1');
      expect((await rig.told('finish', 'web', 2)).words.slice(0, 3)).toEqual(['256', '10', 'web']);
      expect(tally('web').map(({ exit }) => exit)).toEqual([
        { code: 7, signal: 0 },
        { code: 0, signal: 10 },
      ]);
      expect(s6('s6-svdt', '-s', rig.directory('web')).stdout.trim().split('\n')).toHaveLength(2);
    });

    test('is followed by the next run a second later, when the service was not ready', async () => {
      const { rig } = stage();
      rig.add('web');
      await stage().up('web');
      await rig.told('run', 'web');
      rig.order('web', 'exit 0');
      await rig.told('run', 'web', 2);
      const died = tally('web')[0]!.at;
      const started = await eventually('its start', () => status('web').pid > 0 && status('web').stamp);
      expect(started - died).toBeGreaterThanOrEqual(990);
    });

    test('leaves no more than max-death-tally', async () => {
      const { rig } = stage();
      rig.add('web', { files: { 'max-death-tally': '2\n', down: '' } });
      await stage().up('web');
      for (const code of [1, 2, 3]) {
        stage().svc('web', '-o');
        await rig.told('run', 'web', code);
        rig.order('web', `exit ${code}`);
        // Until the supervisor has noted the start, its status is still that of the death before.
        const isNoted = () => tally('web').at(-1)?.exit.code === code;
        await eventually('it is down', () => isNoted() && status('web').ready && status('web').pid === 0);
      }
      expect(tally('web').map(({ exit }) => exit.code)).toEqual([2, 3]);
    });

    test('is final when finish exits 125', async () => {
      const { rig } = stage();
      rig.add('web', { finish: 'tell finish "$@"\nexit 125' });
      await stage().up('web');
      await rig.told('run', 'web');
      rig.order('web', 'exit 1');
      await stage().becomes('web', 'up,wantedup', 'false false');
      expect(rig.journal('run', 'web')).toHaveLength(1);
    });

    test('is seen while finish runs', async () => {
      const { rig } = stage();
      rig.add('web', { finish: 'tell finish "$@"\nuntil [ -e release ]; do sleep 0.01; done' });
      await stage().up('web');
      await rig.told('run', 'web');
      rig.order('web', 'exit 4');
      const finish = await rig.told('finish', 'web');
      await stage().becomes('web', 'up,wantedup,exitcode', 'false true 4');
      expect(status('web')).toMatchObject({ finishing: true, ready: false, pid: finish.pid });
      writeFileSync(join(rig.directory('web'), 'release'), '');
      await rig.told('run', 'web', 2);
    });

    test('of finish comes by SIGKILL after timeout-finish', async () => {
      const { rig } = stage();
      rig.add('web', { files: { 'timeout-finish': '50\n' }, finish: 'tell finish "$@"\nexec sleep 1000' });
      await stage().up('web');
      await rig.told('run', 'web');
      rig.order('web', 'exit 0');
      await rig.told('finish', 'web');
      await rig.told('run', 'web', 2);
    });
  });
});
