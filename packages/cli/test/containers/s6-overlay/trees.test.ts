/** Trees in the shapes that images of s6-overlay have boot and stop right, in containers. */
import { readFileSync, statSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { engineHere } from '../engine/open-engine.ts';
import { daemon, definitions, OverlayRig, user } from './rig.ts';

const rig = new OverlayRig();
afterAll(() => rig.dispose());
const COMMAND = ['sh', '-c', 'trap "say command stops; exit 0" TERM; say command runs; sleep 1000 & wait'];

describe.skipIf(engineHere === null)('an image of s6-overlay', () => {
  test('with cont-init.d, services.d and cont-finish.d', async () => {
    const tree = await rig.run(
      {
        '/etc/cont-init.d/10-first': '#!/bin/sh\nsay first; exit 3\n',
        '/etc/cont-init.d/20-second': '#!/bin/sh\nsay second\n',
        '/etc/services.d/web/run': daemon('web'),
        '/etc/cont-finish.d/10-a': '#!/bin/sh\nsay finish a; exit 1\n',
        '/etc/cont-finish.d/20-b': '#!/bin/sh\nsay finish b\n',
      },
      { args: COMMAND },
    );
    await tree.hears('web runs', 'command runs');
    expect(tree.said.slice(0, 2)).toEqual(['first', 'second']);
    expect(await tree.stop()).toBe(0);
    expect(tree.said.slice(4)).toEqual(['command stops', 'web stops', 'finish a', 'finish b']);
    expect(tree.container.stderr()).toContain('cont-init-10-first');
  });

  test('with bundles of the user before and behind services.d, and definitions of its own below /package', async () => {
    const packaged = '/package/admin/s6-overlay-3.1.6.2/etc/s6-rc/sources';
    const tree = await rig.run({
      ...definitions({
        database: { type: 'longrun\n', run: daemon('database'), needs: ['base'] },
        backend: { type: 'longrun\n', run: daemon('backend'), needs: ['database'] },
        app: { type: 'bundle\n', contents: ['backend'] },
        late: { type: 'longrun\n', run: daemon('late'), needs: ['legacy-services'] },
        user: { contents: ['app'] },
        user2: { contents: ['late'] },
      }),
      ...definitions({ base: { type: 'bundle\n', contents: ['nothing-that-is-there'] } }, packaged),
      '/etc/services.d/old/run': daemon('old'),
    });
    await tree.hears('database runs', 'backend runs', 'old runs', 'late runs');
    expect(tree.said).toHaveLength(4);
    expect(await tree.stop()).toBe(0);
    expect(tree.said.slice(4)).toEqual(['late stops', 'old stops', 'backend stops', 'database stops']);
  });

  test('with up and down files that name a script', async () => {
    const tree = await rig.run({
      ...definitions({
        migrate: {
          type: 'oneshot\n',
          up: '/etc/s6-overlay/scripts/migrate up\n',
          down: '/etc/s6-overlay/scripts/migrate "and down"\n',
          needs: ['base'],
        },
        app: { type: 'longrun\n', run: daemon('app'), needs: ['migrate'] },
      }),
      ...user('app', 'migrate'),
      '/etc/s6-overlay/scripts/migrate': '#!/bin/sh\nsay "migrate $*"\n',
    });
    await tree.hears('app runs');
    expect(await tree.stop()).toBe(0);
    expect(tree.said).toEqual(['migrate up', 'app runs', 'app stops', 'migrate and down']);
  });

  test('with a pipeline into a logger', async () => {
    const tree = await rig.run({
      ...definitions({
        'app-log-prepare': { type: 'oneshot\n', up: '/etc/prepare\n', needs: ['base'] },
        app: {
          type: 'longrun\n',
          run: '#!/bin/sh\necho a line\nsay written\nexec sleep 1000\n',
          'producer-for': 'app-log\n',
        },
        'app-log': {
          type: 'longrun\n',
          run: '#!/bin/sh\nexec logutil-service /shared/log\n',
          'consumer-for': 'app\n',
          'pipeline-name': 'app-pipeline\n',
          needs: ['app-log-prepare'],
        },
      }),
      ...user('app-pipeline'),
      '/etc/prepare': '#!/bin/sh -e\nmkdir -p /shared/log\nchown 65534:65534 /shared/log\n',
    });
    await tree.hears('written');
    expect(await tree.stop()).toBe(0);
    expect(readFileSync(tree.shared('log/current'), 'utf8')).toMatch(/^\d{4}-\d\d-\d\d[T ].* a line\n$/);
    expect(statSync(tree.shared('log/current')).uid).toBe(65534);
  });

  test('with mods that add dependencies from outside', async () => {
    const step = (name: string, ...needs: string[]) => ({
      type: 'oneshot\n',
      up: `say ${name}\n`,
      needs: ['base', ...needs],
    });
    const lower = definitions({
      'init-config': step('init-config'),
      'init-config-end': step('init-config-end', 'init-config'),
      'init-mods': step('init-mods', 'init-config-end'),
      'init-services': step('init-services', 'init-mods'),
      'svc-app': { type: 'longrun\n', run: daemon('svc-app'), needs: ['init-services'] },
    });
    const mod = definitions({
      'init-mod-extra': step('init-mod-extra', 'init-config'),
      'init-config-end': { needs: ['init-mod-extra'] },
      'svc-extra': { type: 'longrun\n', run: daemon('svc-extra'), needs: ['init-services'] },
      'svc-app': { needs: ['svc-extra'] },
    });
    const names = [
      'init-config',
      'init-config-end',
      'init-mods',
      'init-services',
      'svc-app',
      'init-mod-extra',
      'svc-extra',
    ];
    const tree = await rig.run({ ...lower, ...mod, ...user(...names) });
    await tree.hears('svc-extra runs', 'svc-app runs');
    expect(tree.said).toHaveLength(7);
    expect(tree.said.slice(0, 5)).toEqual([
      'init-config',
      'init-mod-extra',
      'init-config-end',
      'init-mods',
      'init-services',
    ]);
    expect(await tree.stop()).toBe(0);
    expect(tree.said.slice(7)).toEqual(['svc-app stops', 'svc-extra stops']);
  });

  test('with a down script that halts, while everything goes down', async () => {
    const tree = await rig.run({
      ...definitions({
        guard: { type: 'oneshot\n', up: 'say guard\n', down: '/etc/halt\n', needs: ['base'] },
        app: { type: 'longrun\n', run: daemon('app'), needs: ['guard'] },
      }),
      ...user('app'),
      '/etc/halt': '#!/bin/sh\nsay halting; /run/s6/basedir/bin/halt; say halted\n',
      '/etc/cont-finish.d/1': '#!/bin/sh\nsay finish\n',
    });
    await tree.hears('app runs');
    const { status, stderr } = await tree.container.exec(['rc-change', '-d', 'guard']);
    expect([await tree.container.ended(), status === 0 || stderr]).toEqual([0, expect.anything()]);
    expect(tree.said).toEqual(['guard', 'app runs', 'app stops', 'halting', 'halted', 'finish']);
  });

  test('with with-contenv in bash and in Python, and without it', async () => {
    const tree = await rig.run(
      {
        '/etc/cont-init.d/10-bash':
          '#!/command/with-contenv bash\nread -r word rest <<< "$WORD b"; say "bash $word $rest"\n',
        '/etc/cont-init.d/20-python':
          '#!/usr/bin/with-contenv python3\nimport os, subprocess\nsubprocess.run(["say", "python " + os.environ["WORD"]])\n',
        '/etc/cont-init.d/30-sh':
          '#!/bin/sh\nsay "sh $WORD"\nprintf "later value" > /run/s6/container_environment/ADDED\n',
        '/etc/services.d/app/run': '#!/command/with-contenv sh\nsay "app $WORD $ADDED"\nexec sleep 1000\n',
        '/command/.keep': '',
      },
      { base: 'debian', environment: { WORD: 'first  "value"' } },
    );
    await tree.hears('app first  "value" later value');
    expect(tree.said.slice(0, 3)).toEqual(['bash first "value" b', 'python first  "value"', 'sh ']);
    expect(await tree.stop()).toBe(0);
  });

  test('with a finish script that writes how the container exits when it is stopped', async () => {
    const finish =
      '#!/bin/sh\nif test "$1" -eq 256; then e=$((128 + $2)); else e="$1"; fi\n' +
      'echo "$e" > /run/s6-linux-init-container-results/exitcode\n';
    const app = { run: '#!/bin/sh\nsay app runs\nexec sleep 1000\n', finish };
    const tree = await rig.run({
      ...definitions({ app: { type: 'longrun\n', ...app, needs: ['base'] } }),
      ...user('app'),
    });
    await tree.hears('app runs');
    expect(await tree.stop()).toBe(143);
  });

  test('with a finish script that ends the container with its service', async () => {
    const tree = await rig.run({
      '/etc/services.d/app/run': '#!/bin/sh\nsay app runs\nexit 42\n',
      '/etc/services.d/app/finish':
        '#!/bin/sh\necho "$1" > /run/s6-linux-init-container-results/exitcode\n/run/s6/basedir/bin/halt\n',
      '/etc/services.d/other/run': daemon('other'),
    });
    expect(await tree.container.ended()).toBe(42);
    expect(tree.said).toContain('other stops');
  });

  test('of version 2, which ends by s6-svscanctl, and whose services are below /var/run', async () => {
    const tree = await rig.run(
      {
        '/var/run': { link: '/run' },
        '/etc/cont-init.d/01-not-executable': { text: '#!/usr/bin/with-contenv sh\nsay "init $WORD"\n', mode: 0o644 },
        '/etc/services.d/app/run': daemon('app', '/usr/bin/with-contenv sh'),
        '/etc/services.d/app/finish': '#!/bin/sh\ns6-svscanctl -t /var/run/s6/services\n',
        '/etc/services.d/app/app.conf': 'beside the script\n',
        '/etc/services.d/web/run': '#!/bin/sh\nsay "$(cat ./web.conf)"\nexec sleep 1000\n',
        '/etc/services.d/web/web.conf': 'beside web\n',
      },
      { environment: { WORD: 'two' } },
    );
    await tree.hears('app runs');
    await tree.hears('beside web');
    expect(tree.said[0]).toBe('init two');
    expect((await tree.container.exec(['/run/s6/muster/s6-svc', '-wD', '-d', '/var/run/s6/services/app'])).stderr).toBe(
      '',
    );
    expect(await tree.container.ended()).toBe(0);
  });

  test('on a root that cannot be written, with fix-attrs and s6-setuidgid', async () => {
    const tree = await rig.run(
      {
        '/etc/passwd': 'root:x:0:0::/:/bin/sh\nabc:x:911:912::/:/bin/sh\n',
        '/etc/group': 'root:x:0:\nabc:x:912:\nusers:x:100:abc\n',
        '/etc/fix-attrs.d/10':
          '# comment\n/shared/data true nobody-here,abc 0640 0750\n/shared/*.key false 5:6 0600 0700\n',
        '/etc/services.d/app/run': "#!/bin/sh\nexec s6-setuidgid abc sh -c 'id > /shared/data/id; exec sleep 1000'\n",
        '/etc/services.d/app/notification-fd': '3\n',
        '/etc/services.d/ready/run':
          '#!/bin/sh\nuntil test -s /shared/data/id; do sleep 0.1; done\nsay app writes\nexec sleep 1000\n',
        '/etc/cont-init.d/.keep': '',
      },
      {
        readOnly: true,
        tmpfs: ['/run'],
        environment: { S6_READ_ONLY_ROOT: '1' },
        given: ['data/.hidden', 'data/file', 'a.key'],
      },
    );
    await tree.hears('app writes');
    expect(readFileSync(tree.shared('data/id'), 'utf8')).toMatch(/^uid=911\S* gid=912\S* groups=.*\b100\b/);
    const facts = (name: string) => {
      const { uid, gid, mode } = statSync(tree.shared(name));
      return [uid, gid, (mode & 0o7777).toString(8)];
    };
    expect(facts('data')).toEqual([911, 912, '750']);
    expect(facts('data/file')).toEqual([911, 912, '640']);
    expect(facts('data/.hidden')).toEqual([0, 0, '644']);
    expect(facts('a.key')).toEqual([5, 6, '600']);
    expect(await tree.stop()).toBe(0);
  });

  test.each([
    ['1', 'goes on', 'command runs', 0],
    ['2', 'ends', 'never', 1],
  ])(
    'S6_BEHAVIOUR_IF_STAGE2_FAILS=%s: a container in which something fails %s',
    async (behaviour, _, heard, status) => {
      const tree = await rig.run(
        {
          ...definitions({ broken: { type: 'oneshot\n', up: 'false\n', needs: ['base'] } }),
          ...user('broken'),
          '/etc/services.d/app/run': daemon('app'),
        },
        { args: COMMAND, environment: { S6_BEHAVIOUR_IF_STAGE2_FAILS: behaviour } },
      );
      if (status === 0) {
        await tree.hears(heard);
        expect(await tree.stop()).toBe(0);
      } else expect(await tree.container.ended()).toBe(status);
      expect(tree.said.includes('command runs')).toBe(status === 0);
    },
  );

  test('whose services tell when they are ready, whose scripts control them, with a hook and a word before the command', async () => {
    const tree = await rig.run(
      {
        '/etc/hook':
          '#!/bin/sh\nsay "hook $WORD"\nmkdir -p /etc/services.d/made\nprintf "#!/bin/sh\\nsay made\\nexec sleep 1000\\n" > /etc/services.d/made/run\n',
        '/etc/services.d/app/run': '#!/bin/sh\nsay app starts\nsleep 0.2\necho >&3\nexec sleep 1000\n',
        '/etc/services.d/app/notification-fd': '3\n',
        '/usr/bin/prefixed': '#!/bin/sh\nsay "prefixed $*"\nexec "$@"\n',
      },
      {
        args: [
          'sh',
          '-c',
          's6-svwait -U -t 60000 /run/service/app && s6-svok /run/service/app && s6-svc -wR -T 60000 -r /run/service/app && s6-svstat -o up,ready /run/service/app > /shared/status; say "$WORD"; exit 9',
        ],
        environment: {
          WORD: 'kept',
          S6_KEEP_ENV: '1',
          S6_CMD_WAIT_FOR_SERVICES: '1',
          S6_CMD_WAIT_FOR_SERVICES_MAXTIME: '60000',
          S6_STAGE2_HOOK: '/etc/hook',
          S6_CMD_ARG0: 'prefixed',
        },
      },
    );
    expect(await tree.container.ended()).toBe(9);
    expect(tree.said[0]).toBe('hook kept');
    expect(tree.said).toContain('made');
    expect(tree.said.filter((line) => line === 'app starts')).toHaveLength(2);
    expect(tree.said.some((line) => line.startsWith('prefixed sh -c'))).toBe(true);
    expect(tree.said.at(-1)).toBe('kept');
    expect(readFileSync(tree.shared('status'), 'utf8')).toBe('true true\n');
  });

  test('whose scripts are in execline, with s6 of its own that works on the tree', async () => {
    const tree = await rig.run(
      {
        '/command': { link: '/usr/bin' },
        ...definitions({
          prepare: { type: 'oneshot\n', up: 'if { say one }\nforeground { say two }\nsay three\n', needs: ['base'] },
          app: {
            type: 'longrun\n',
            run: '#!/command/execlineb -P\nforeground { say app runs }\nsleep 1000\n',
            needs: ['prepare'],
          },
        }),
        ...user('app'),
      },
      // Where Debian has execline's programs.
      { base: 'debian', environment: { PATH: '/usr/lib/execline/bin:/usr/bin:/bin' } },
    );
    await tree.hears('app runs');
    expect(tree.said).toEqual(['one', 'two', 'three', 'app runs']);
    expect((await tree.container.exec(['/usr/bin/s6-svstat', '-o', 'up', '/run/service/app'])).stdout).toBe('true\n');
    const restarted = await tree.container.exec(['/usr/bin/s6-svc', '-wr', '-r', '/run/service/app']);
    expect(restarted).toMatchObject({ status: 0 });
    expect(await tree.stop()).toBe(0);
  });

  test('names at its start what it does not take, once each', async () => {
    const tree = await rig.run(
      {
        '/etc/cont-init.d/1': '#!/bin/sh\ns6-hiercopy a b; s6-hiercopy c d\n',
        '/etc/cont-init.d/2': '#!/command/execlineb -P\ns6-hiercopy a b\n',
      },
      { environment: { S6_SYNC_DISKS: '1' } },
    );
    await tree.container.line(/S6_SYNC_DISKS/);
    await tree.container.line(/execlineb is not in the image/);
    expect(tree.container.stderr().match(/s6-hiercopy is not in the image/g)).toHaveLength(1);
    expect(await tree.stop()).toBe(0);
  });
});
