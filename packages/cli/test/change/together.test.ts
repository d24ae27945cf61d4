/** Changes at the same time, on one live directory. */
import { expect, test } from 'vitest';
import type { Tree } from '../compile/trees.ts';
import { bootingSites } from './booting-sites.ts';

const siteWith = bootingSites();

const DAEMON = '#!/bin/sh\nexec sleep 1000000\n';

function tunnels(count: number): Tree {
  const files = Array.from({ length: count }, (_, n): [string, string][] => [
    [`tunnel${n}/type`, 'longrun\n'],
    [`tunnel${n}/run`, '#!/bin/sh\necho >&3\nexec 3>&-\nexec sleep 1000000\n'],
    [`tunnel${n}/notification-fd`, '3\n'],
    [`tunnel${n}/dependencies.d/network`, ''],
  ]);
  return Object.fromEntries(files.flat());
}

test('a controller that the boot starts makes 50 services of its own, while the boot waits for a slow one', async () => {
  const each = (command: string) => `i=0; while [ $i -lt 50 ]; do ${command} || exit 1; i=$((i + 1)); done`;
  const site = await siteWith({
    ...tunnels(50),
    'network/type': 'oneshot\n',
    'network/up': 'true\n',
    'slow/type': 'longrun\n',
    // Ready when the test says so.
    'slow/run':
      '#!/bin/sh\nwhile [ ! -e "$ORDER_LOG.go" ]; do sleep 0.05; done\necho >&3\nexec 3>&-\nexec sleep 1000000\n',
    'slow/notification-fd': '3\n',
    'controller/type': 'longrun\n',
    'controller/dependencies.d/network': '',
    'controller/run': [
      '#!/bin/sh',
      'PATH=$MUSTER_BUILD:$PATH',
      'all=$(i=0; while [ $i -lt 50 ]; do echo tunnel$i; i=$((i + 1)); done)',
      `(${each('rc-change tunnel$i')}) && echo started >>"$ORDER_LOG"`,
      'rc-change --restart $all && echo restarted >>"$ORDER_LOG"',
      'rc-change -d $all && echo stopped >>"$ORDER_LOG"',
      'touch "$ORDER_LOG.go"',
      'exec sleep 1000000',
      '',
    ].join('\n'),
    'default/type': 'bundle\n',
    'default/contents.d/slow': '',
    'default/contents.d/controller': '',
  });
  // The boot ends only when the controller has let the slow service be ready: had anything waited for the boot, it
  // would never have.
  const boot = await site.runAside('rc-change', '-t', '120s', 'default');
  expect(boot.status).toBe(0);
  expect(site.log()).toEqual(['started', 'restarted', 'stopped']);
  expect(await site.up()).toEqual(['controller', 'network', 'slow']);
});

test('30 changes at once, of services that need each other: all end, and what is wanted is up', async () => {
  const site = await siteWith({ ...tunnels(30), 'network/type': 'longrun\n', 'network/run': DAEMON });
  const changes = await Promise.all(
    Array.from({ length: 30 }, (_, n) => site.runAside('rc-change', '-t', '120s', `tunnel${n}`)),
  );
  expect(changes.map(({ status }) => status)).toEqual(changes.map(() => 0));
  expect(await site.up()).toHaveLength(31);
  const mixed = await Promise.all(
    Array.from({ length: 30 }, (_, n) => {
      const way = n % 3 === 0 ? '-d' : n % 3 === 1 ? '--restart' : '-u';
      return site.runAside('rc-change', '-t', '120s', way, `tunnel${n}`);
    }),
  );
  expect(mixed.map(({ status }) => status)).toEqual(mixed.map(() => 0));
  const up = await site.up();
  expect(up).toEqual(
    ['network', ...Array.from({ length: 30 }, (_, n) => `tunnel${n}`).filter((_, n) => n % 3 !== 0)].sort(),
  );
}, 240_000);

test('rc-status 1,000 times during a change: it never waits, and every answer is whole', async () => {
  const site = await siteWith({
    ...tunnels(10),
    'network/type': 'oneshot\n',
    'network/up': 'sh -c "while [ ! -e $ORDER_LOG.go ]; do sleep 0.05; done"\n',
  });
  const change = site.runAside('rc-change', '-t', '300s', ...Array.from({ length: 10 }, (_, n) => `tunnel${n}`));
  let asked = 0;
  const ask = async () => {
    while (asked < 1000) {
      if (++asked === 500) await site.execute('/bin/sh', ['-c', 'touch "$ORDER_LOG.go"']);
      const services = await site.services();
      expect(services.map(({ name }) => name)).toHaveLength(11);
    }
  };
  await Promise.all([ask(), ask()]);
  expect((await change).status).toBe(0);
  expect(await site.up()).toHaveLength(11);
}, 300_000);

test('a script that changes what it itself holds up is told so, and nothing hangs', async () => {
  const site = await siteWith({
    'late/type': 'longrun\n',
    'late/run': DAEMON,
    'late/dependencies.d/early': '',
    'early/type': 'oneshot\n',
    'early/up': 'sh -c "$MUSTER_BUILD/rc-change late; echo $? >>$ORDER_LOG"\n',
  });
  expect((await site.runAside('rc-change', '-t', '60s', 'early')).status).toBe(0);
  expect(site.log()).toEqual(['5']);
  expect(await site.up()).toEqual(['early']);
});
