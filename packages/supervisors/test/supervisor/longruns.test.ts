/** What the engine relies on for longruns: starts, readiness, stops, deaths, and reloads. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import { expect, test } from 'vitest';
import { differs, onEverySupervisor, type Role } from './subjects.ts';

const PAUSE = '#!/bin/sh\nexec sleep 1000\n';
const SIGNALS = ['HUP', 'USR1', 'WINCH'];

onEverySupervisor(
  (directory) => ({
    checked: {
      files: {
        type: 'longrun\n',
        run: PAUSE,
        'ready-check*': `#!/bin/sh\n[ -e ${directory}/open ]\n`,
        'ready-check-interval': '20\n',
      },
    },
    exiting: {
      files: { type: 'longrun\n', run: `#!/bin/sh\nread -r line <${directory}/gate-exiting\nexit 3\n` },
      obeys: { code: 3, signal: 0 },
    },
    mortal: { files: { type: 'longrun\n', run: PAUSE } },
    notifying: {
      files: {
        type: 'longrun\n',
        run: `#!/bin/sh\nread -r line <${directory}/gate-notifying\necho >&3\nexec sleep 1000\n`,
        'notification-fd': '3\n',
      },
    },
    plain: { files: { type: 'longrun\n', run: PAUSE } },
    ...Object.fromEntries(SIGNALS.map((signal) => [`reloaded-${signal}`, reloaded(directory, signal)])),
    settled: { files: { type: 'longrun\n', run: PAUSE, 'ready-after': '100\n' } },
    stubborn: {
      files: {
        type: 'longrun\n',
        run: "#!/bin/sh\ntrap '' TERM\necho >&3\nexec sleep 1000\n",
        'notification-fd': '3\n',
        'timeout-kill': '100\n',
      },
    },
  }),
  (stage, kind) => {
    const start = (name: string) => stage().supervisor.start(stage().id(name));
    const stop = (name: string) => stage().supervisor.stop(stage().id(name));
    const seen = (name: string) => stage().longrun(name);
    // One look each: between two of them a process can die.
    const isReady =
      (name: string, { notAs = 0 } = {}) =>
      () => {
        const { state, ready, pid } = seen(name);
        return state === 'up' && ready && pid !== notAs;
      };
    const isDown = (name: string) => () => {
      const { state, supervisorWants } = seen(name);
      return state === 'down' && supervisorWants === 'down';
    };
    /** What a client says that has just come. */
    const expectSameTruth = async (name: string) => {
      for (const other of await stage().others(name)) expect(other).toEqual(seen(name));
    };

    test('a start, and a stop', async () => {
      expect(seen('plain')).toMatchObject({ state: 'down', ready: false, pid: 0, supervisorWants: 'down' });
      expect(seen('plain')).toMatchObject({ lastExit: null, deaths: 0, failed: false, readySince: 0 });
      start('plain');
      await stage().until('plain is up', isReady('plain'));
      expect(seen('plain')).toMatchObject({ supervisorWants: 'up', pid: expect.any(Number), deaths: 0, failed: false });
      expect(seen('plain').pid).toBeGreaterThan(0);
      await expectSameTruth('plain');
      stop('plain');
      await stage().until('plain is down', isDown('plain'));
      const end = { pid: 0, ready: false, lastExit: { code: 0, signal: 15 }, deaths: 1, failed: false };
      expect(seen('plain')).toMatchObject(end);
      await expectSameTruth('plain');
    });

    test('a start of what is up, and a stop of what is down, change nothing', async () => {
      stop('plain');
      start('plain');
      await stage().until('plain is up', isReady('plain'));
      const before = seen('plain');
      start('plain');
      stop('mortal');
      start('settled');
      await stage().until('settled is ready', isReady('settled'));
      expect(seen('plain')).toEqual(before);
      expect(seen('mortal')).toMatchObject({ state: 'down', supervisorWants: 'down' });
    });

    test.each(['notifying', 'checked'])('%s: up, and ready only when its rule is met', async (name) => {
      rmSync(join(stage().directory, 'open'), { force: true });
      start(name);
      await stage().until(`${name} is up`, () => seen(name).state === 'up');
      expect(seen(name)).toMatchObject({ ready: false, readySince: 0 });
      await expectSameTruth(name);
      const { pid, since } = seen(name);
      stage().give(name, 'ready');
      writeFileSync(join(stage().directory, 'open'), '');
      await stage().until(`${name} is ready`, isReady(name));
      expect(seen(name).pid).toBe(pid);
      expect(seen(name).readySince).toBeGreaterThanOrEqual(Math.floor(since));
      await expectSameTruth(name);
      stop(name);
      await stage().until(`${name} is down`, isDown(name));
      expect(seen(name)).toMatchObject({ ready: false, readySince: 0 });
    });

    test('ready-after: the process that is ready is the one that was started', async () => {
      stop('settled');
      await stage().until('settled is down', isDown('settled'));
      const { deaths } = seen('settled');
      start('settled');
      await stage().until('settled is up', () => seen('settled').state === 'up');
      const { pid } = seen('settled');
      await stage().until('settled is ready', isReady('settled'));
      expect(seen('settled')).toMatchObject({ pid, deaths });
    });

    test('timeout-kill ends who ignores SIGTERM', async () => {
      start('stubborn');
      await stage().until('stubborn is ready', isReady('stubborn'));
      stop('stubborn');
      await stage().until('stubborn is down', isDown('stubborn'));
      const signal = differs(stage().kind, 'signals are not carried out') ? 15 : 9;
      expect(seen('stubborn')).toMatchObject({ lastExit: { code: 0, signal }, deaths: 1, failed: false });
    });

    test('a death by a signal: seen, counted, and another process is there', async () => {
      start('mortal');
      await stage().until('mortal is up', isReady('mortal'));
      for (const [deaths, signal, number] of [
        [1, 'SIGKILL', 9],
        [2, 'SIGTERM', 15],
      ] as const) {
        const { pid } = seen('mortal');
        stage().strike('mortal', signal);
        await stage().until(`death ${deaths}`, isReady('mortal', { notAs: pid }));
        const after = { deaths, lastExit: { code: 0, signal: number }, supervisorWants: 'up', failed: false };
        expect(seen('mortal')).toMatchObject(after);
        await expectSameTruth('mortal');
      }
    });

    test('a death by itself: with its exit code', async () => {
      start('exiting');
      await stage().until('exiting is up', isReady('exiting'));
      const { pid } = seen('exiting');
      stage().give('exiting', 'exit');
      await stage().until('another process', isReady('exiting', { notAs: pid }));
      expect(seen('exiting')).toMatchObject({ deaths: 1, lastExit: { code: 3, signal: 0 } });
      await expectSameTruth('exiting');
    });

    if (!differs(kind, 'signals are not carried out'))
      test('reload: the signal that was asked for, once, to the process that runs', async () => {
        for (const signal of SIGNALS) {
          const name = `reloaded-${signal}`;
          start(name);
          await stage().until(`${name} is ready`, isReady(name));
          const before = seen(name);
          const reloads = () => readFileSync(join(stage().directory, `${name}.log`), 'utf8');
          stage().supervisor.reload(stage().id(name));
          await eventually(`${name} was told`, () => reloads().endsWith(`${before.pid} told\n`));
          expect(reloads()).toBe(`${before.pid} begins\n${before.pid} told\n`);
          expect(seen(name)).toEqual(before);
        }
      });
  },
);

function reloaded(directory: string, signal: string): Role {
  const name = `reloaded-${signal}`;
  const run = `#!/bin/sh
exec 5<>${directory}/gate-${name}
trap 'echo $$ told >>${directory}/${name}.log' ${signal}
echo $$ begins >>${directory}/${name}.log
echo >&3
while :; do read -r line <&5; done
`;
  const files = { type: 'longrun\n', run, 'notification-fd': '3\n' };
  return { files: signal === 'HUP' ? files : { ...files, 'reload-signal': `${signal}\n` } };
}
