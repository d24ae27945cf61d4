/** Rendered service directories, run by the supervisors that they are for. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { join } from 'node:path';
import type { Database } from '@muster/core/model/database';
import { eventually } from '@muster/posix/test/eventually';
import { afterEach, describe, expect, it } from 'vitest';
import { databaseOf, file, longrun } from './definitions.ts';
import { SUPERVISORS, type Supervised, supervise } from './supervised.ts';

const PROGRAMS = { s6: 's6-svscan', runit: 'runsvdir' } as const;
const isHere = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
const SLEEP = '#!/bin/sh\nexec sleep 1000\n';

for (const backend of SUPERVISORS) {
  const program = PROGRAMS[backend];
  if (!isHere(program)) console.log(`skipped: rendered services under ${backend}, since there is no ${program} here`);

  describe.skipIf(!isHere(program))(`under ${program}`, () => {
    let running: Supervised | undefined;
    const start = async (database: Database) => {
      running = await supervise(database, backend);
      return running;
    };
    afterEach(async () => {
      await running?.end();
      running = undefined;
    });

    it('starts nothing by itself, and gives run the name of the service', async () => {
      const tree = await start(databaseOf({ 'odd name': longrun('#!/bin/sh\necho "$1" >name\nexec sleep 1000\n') }));
      expect(tree.isUp('odd name')).toBe(false);
      tree.tell('odd name', 'u');
      expect(await eventually('the name', () => tree.read('odd name', 'name')?.trim())).toBe('odd name');
    });

    it('executes run with the directory, mask, limits, priority, user and environment that were asked for', async (context) => {
      const tree = await start(
        databaseOf({
          web: longrun(
            '#!/bin/sh\n{ pwd; umask; ulimit -n; nice; id -un; id -G; echo "$HELLO|$EMPTY|$RC_INSTANCE"; echo "$USER|$LOGNAME|$HOME|$SHELL"; tr "\\0" "\\n" </proc/$$/environ | grep odd; } >&2\nexec sleep 1000\n',
            {
              also: [
                file('env/HELLO', 'a b  \nsecond\n'),
                file('env/EMPTY', ''),
                file('env/odd.name', 'x\n'),
                file('env/SHELL', '/bin/x\n'),
              ],
              loadEnvironment: true,
              instance: "it's",
              process: {
                user: 'nobody',
                workingDirectory: '/usr',
                umask: 0o27,
                nice: 3,
                limits: [['nofile', '64:128']],
              },
            },
          ),
        }),
      );
      const wantsRoot = process.getuid?.() !== 0;
      if (wantsRoot) {
        console.log('skipped: another user, which only root can become');
        context.skip();
      }
      // The directory of the test must be open to the other user.
      spawnSync('chmod', ['-R', 'a+rX', tree.live]);
      tree.tell('web', 'u');
      const said = await eventually('the report', () => tree.errors().includes('odd.name') && tree.errors());
      const group = spawnSync('id', ['-g', 'nobody'], { encoding: 'utf8' }).stdout.trim();
      const [, , , , , home] = spawnSync('getent', ['passwd', 'nobody'], { encoding: 'utf8' }).stdout.split(':');
      expect(said.trim().split('\n').slice(-9)).toEqual([
        '/usr',
        '0027',
        '64',
        String(getPriority() + 3),
        'nobody',
        group,
        "a b||it's",
        `nobody|nobody|${home}|/bin/x`,
        'odd.name=x',
      ]);
    });

    it('is not started as a user that does not exist, and says so', async () => {
      const process = { user: 'nobody-of-that-name' };
      const tree = await start(databaseOf({ web: longrun('#!/bin/sh\necho x >>starts\n', { process }) }));
      tree.tell('web', 'u');
      await eventually('the reason', () => tree.errors().includes('there is no user nobody-of-that-name'));
      expect(tree.read('web', 'starts')).toBeUndefined();
    });

    it('has the lock that lock-fd asks for', async () => {
      const run = '#!/bin/sh\nreadlink /proc/self/fd/7 >held\nexec sleep 1000\n';
      const tree = await start(databaseOf({ web: longrun(run, { lockFd: 7 }) }));
      tree.tell('web', 'u');
      expect(await eventually('its lock', () => tree.read('web', 'held'))).toMatch(/lock\n$/);
    });

    it('carries lines from producer to consumer, whichever of them dies', async () => {
      const count = 2000;
      const tree = await start(
        databaseOf(
          {
            source: longrun(
              `#!/bin/sh\nn=$(tail -n 1 at)\nn=\${n:-0}\nwhile [ $n -lt ${count} ]; do n=$((n+1)); echo line $n; echo $n >>at; done\nexec sleep 1000\n`,
            ),
            sink: longrun('#!/bin/sh\nwhile read -r line; do echo "$line" >>got; done\n'),
          },
          [['source', 'sink']],
        ),
      );
      tree.tell('source', 'u');
      tree.tell('sink', 'u');
      for (const share of [200, 600, 1000, 1400]) {
        await eventually(`${share} lines`, () => (tree.read('sink', 'got')?.split('\n').length ?? 0) > share);
        // They may have said and heard much before the tree comes to write down that they are there.
        const before = await eventually('the sink', () => tree.pid('sink'));
        const killed = await eventually('the source', () => tree.pid('source'));
        tree.tell('source', 'k');
        await eventually('the source again', () => tree.isUp('source') && tree.pid('source') !== killed);
        expect(tree.pid('sink')).toBe(before);
      }
      const lines = await eventually('the last line', () => {
        const got = tree.read('sink', 'got') ?? '';
        return got.includes(`line ${count}\n`) && got.trim().split('\n');
      });
      // The source, killed between a line and its record of it, may say that line again: in order, and none is missing.
      expect([...new Set(lines)]).toEqual(Array.from({ length: count }, (_, i) => `line ${i + 1}`));
    });

    it('is ready when its check succeeds, and not before', async () => {
      const tree = await start(
        databaseOf({
          web: longrun(SLEEP, {
            also: [file('ready-check', '#!/bin/sh\necho x >>asked\n[ -e open ]\n')],
            readyCheck: { interval: 20 },
          }),
        }),
      );
      tree.tell('web', 'u');
      await eventually('some checks', () => (tree.read('web', 'asked')?.length ?? 0) > 6);
      expect([tree.isUp('web'), tree.isReady('web')]).toEqual([true, false]);
      spawnSync('touch', [join(tree.live, 'services/web/open')]);
      await eventually('readiness', () => tree.isReady('web'));
      tree.tell('web', 'd');
      await eventually('the end', () => !tree.isUp('web'));
      expect(tree.isReady('web')).toBe(false);
    });

    it('is ready after it lived long enough', async () => {
      const tree = await start(databaseOf({ web: longrun(SLEEP, { readyAfter: 300 }) }));
      const began = Date.now();
      tree.tell('web', 'u');
      await eventually('readiness', () => tree.isReady('web'));
      expect(Date.now() - began).toBeGreaterThanOrEqual(300);
    });

    it('hears the notification of the daemon', async () => {
      const run = '#!/bin/sh\nuntil [ -e open ]; do sleep 0.02; done\necho >&5\nexec 5>&-\nexec sleep 1000\n';
      const tree = await start(databaseOf({ web: longrun(run, { notificationFd: 5 }) }));
      tree.tell('web', 'u');
      await eventually('a process', () => tree.isUp('web'));
      expect(tree.isReady('web')).toBe(false);
      spawnSync('touch', [join(tree.live, 'services/web/open')]);
      await eventually('readiness', () => tree.isReady('web'));
    });

    it('gives finish the arguments of s6, and gives up at 125', async () => {
      const tree = await start(
        databaseOf({
          web: longrun('#!/bin/sh\necho x >>starts\necho $$ >mine\nexec sleep 1000\n', {
            also: [file('finish', '#!/bin/sh\necho "$@" >ends\nexit 125\n')],
          }),
        }),
      );
      tree.tell('web', 'u');
      await eventually('its start', () => tree.read('web', 'mine')?.trim());
      // s6 gives the process group since 2.12.
      const group = backend === 'runit' ? ` ${tree.read('web', 'mine')!.trim()}` : '';
      tree.tell('web', 'k');
      expect((await eventually('its end', () => tree.read('web', 'ends')))?.trim()).toContain(`256 9 web${group}`);
      // Down, and not only until it is started again.
      await eventually('that it gave up', () =>
        backend === 's6'
          ? spawnSync('s6-svstat', ['-o', 'up,wantedup', join(tree.live, 'services/web')], { encoding: 'utf8' })
              .stdout === 'false false\n'
          : tree.read('web', 'supervise/stat') === 'down\n',
      );
      expect(tree.read('web', 'starts')).toBe('x\n');
      tree.tell('web', 'o');
      await eventually('a second start', () => tree.read('web', 'starts') === 'x\nx\n');
    });

    it('does not restart what ended well, with restart on-failure', async () => {
      const tree = await start(
        databaseOf({
          web: longrun('#!/bin/sh\necho x >>starts\nread -r code <code\nexit $code\n', {
            also: [file('code', '3\n')],
            restart: { policy: 'on-failure', delayMin: 1000, delayMax: 1000, limit: null, successCodes: ['0'] },
          }),
        }),
      );
      tree.tell('web', 'u');
      await eventually('a restart', () => tree.read('web', 'starts') === 'x\nx\n');
      spawnSync('sh', ['-c', 'echo 0 >code'], { cwd: join(tree.live, 'services/web') });
      expect((await eventually('that it gave up', () => tree.read('web', '.muster/failed')))?.trim()).toBe('done');
      await eventually('it to be down', () => !tree.isUp('web'));
    });

    it('gives up after more deaths than restart-limit allows, and counts anew when started again', async () => {
      const tree = await start(
        databaseOf({
          web: longrun('#!/bin/sh\necho x >>starts\nexit 3\n', {
            restart: {
              policy: 'always',
              delayMin: 1000,
              delayMax: 1000,
              limit: { count: 1, window: 60_000 },
              successCodes: ['0'],
            },
          }),
        }),
      );
      tree.tell('web', 'u');
      expect((await eventually('that it gave up', () => tree.read('web', '.muster/failed')))?.trim()).toBe('limit');
      expect(tree.read('web', 'starts')).toBe('x\nx\n');
      await eventually('it to be down', () => !tree.isUp('web'));
      tree.tell('web', 'u');
      await eventually('two more starts', () => tree.read('web', 'starts') === 'x\nx\nx\nx\n');
    });

    it('counts no deaths that are still to come: of another boot, or dates', async () => {
      const tree = await start(
        databaseOf({
          web: longrun('#!/bin/sh\necho x >>starts\nexit 3\n', {
            restart: {
              policy: 'always',
              delayMin: 0,
              delayMax: 3_600_000,
              limit: { count: 1, window: 60_000 },
              successCodes: ['0'],
            },
          }),
        }),
      );
      const later = Date.now() + 172_800_000;
      const state = join(tree.live, 'services/web/.muster');
      mkdirSync(state, { recursive: true });
      writeFileSync(join(state, 'deaths'), `${later}\n${later + 1}\n`);
      writeFileSync(join(state, 'delay'), `1800000 ${later}\n`);
      tree.tell('web', 'u');
      expect((await eventually('that it gave up', () => tree.read('web', '.muster/failed')))?.trim()).toBe('limit');
      expect(tree.read('web', 'starts')).toBe('x\nx\n');
    });

    it('waits longer from death to death, and not at all when it is told to stay down', async () => {
      const tree = await start(
        databaseOf({
          web: longrun('#!/bin/sh\ndate +%s%3N >>starts\nexit 3\n', {
            restart: { policy: 'always', delayMin: 1200, delayMax: 60_000, limit: null, successCodes: ['0'] },
          }),
        }),
      );
      tree.tell('web', 'u');
      const starts = await eventually('three starts', () => {
        const times = tree.read('web', 'starts')?.trim().split('\n').map(Number) ?? [];
        return times.length === 3 && times;
      });
      expect(starts[1]! - starts[0]!).toBeGreaterThanOrEqual(1200);
      expect(starts[2]! - starts[1]!).toBeGreaterThanOrEqual(2400);
      tree.tell('web', 'd');
      await eventually('the end of its waiting', () =>
        backend === 'runit'
          ? tree.read('web', 'supervise/stat') === 'down\n'
          : readFileSync(join(tree.live, 'services/web/supervise/status'))[34]! & 4,
      );
    });

    it('is ended by its own signal, and killed when that does not help', async () => {
      const run = `#!/bin/sh\ntrap 'echo usr1 >>got' USR1\ntrap : TERM\necho >up\nwhile :; do sleep 0.02; done\n`;
      const tree = await start(databaseOf({ web: longrun(run, { downSignal: 'SIGUSR1', timeoutKill: 300 }) }));
      tree.tell('web', 'u');
      await eventually('its traps', () => tree.read('web', 'up') !== undefined);
      tree.tell('web', 'd');
      await eventually('the signal', () => tree.read('web', 'got') !== undefined);
      await eventually('its end', () => !tree.isUp('web'));
      expect(existsSync(join(tree.live, 'services/web/got'))).toBe(true);
    });
  });
}
