/** What a container exits with, and in which order it goes down: with a command, without one, and for the end of a service. */
import { existsSync } from 'node:fs';
import { eventually } from '@muster/posix/test/eventually';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ContainerRig, canContain, type RunningContainer, type Source, type StartOptions } from './rig.ts';

/** Longrun `main` needs `middle`, which needs oneshot `base`; each notes in `order` that it goes down. `hangs` is a boot that never ends. */
const SOURCE: Source = {
  default: { type: 'bundle\n', 'contents.d/main': '' },
  base: {
    type: 'oneshot\n',
    up: 'sh -c "echo up base >>$D/order"\n',
    down: 'sh -c "echo down base >>$D/order"\n',
  },
  middle: { type: 'longrun\n', 'dependencies.d/base': '', run: daemon('middle') },
  main: { type: 'longrun\n', 'dependencies.d/middle': '', run: daemon('main') },
};

/** Ends as `DIR/NAME-end` says: a number is an exit status, a word a signal. */
function daemon(name: string): string {
  return `#!/bin/sh
trap 'echo down ${name} >>$D/order; exit 0' TERM
echo up ${name} >>$D/order
while :; do
  if read -r how 2>/dev/null <$D/${name}-end; then case $how in [0-9]*) exit $how ;; *) kill -$how $$ ;; esac; fi
  sleep 0.05
done
`;
}

/** The command of a container, likewise. */
const COMMAND = ['sh', '-c', daemon('command').replace('#!/bin/sh\n', '').replaceAll('exit 0', 'exit 5')];
const DOWN = ['down main', 'down middle', 'down base'];
const UP = ['up base', 'up middle', 'up main'];

interface Kind {
  readonly kind: string;
  readonly start: StartOptions;
  /** Whose end decides. */
  readonly decider: 'command' | 'main' | null;
  /** What it exits with when it is stopped. */
  readonly stopped: number;
}

describe.runIf(canContain).each<Kind>([
  { kind: 'with a command', start: { command: COMMAND }, decider: 'command', stopped: 5 },
  { kind: 'without a command', start: {}, decider: null, stopped: 0 },
  { kind: 'with --exit-with', start: { options: ['--exit-with', 'main'] }, decider: 'main', stopped: 0 },
])('a container $kind', ({ start, decider, stopped }) => {
  let rig: ContainerRig;
  let container: RunningContainer;
  const order = () => rig.read('order').split('\n').filter(Boolean);
  const isUp = decider === 'command' ? 'up command' : 'up main';

  const begin = async (): Promise<void> => {
    container = rig.start({
      ...start,
      command: (start.command ?? []).map((word) => word.replaceAll('$D', rig.directory)),
    });
    await rig.holds('order', isUp);
  };
  /** Daemons that tell no readiness may say in any order that they are up. */
  const expectOrder = (then: readonly string[]) => {
    expect(
      order()
        .slice(0, UP.length + 1)
        .filter((line) => UP.includes(line))
        .sort(),
    ).toEqual([...UP].sort());
    expect(order().filter((line) => !UP.includes(line))).toEqual(then);
  };
  const nothingIsLeft = () => {
    expect(rig.processes()).toEqual([]);
    expect(existsSync(rig.live)).toBe(false);
  };

  beforeEach(() => {
    rig = new ContainerRig(SOURCE);
  });
  afterEach(() => rig.dispose());

  test.each([
    { how: '0', status: 0 },
    { how: '7', status: 7 },
    { how: 'SEGV', status: 139 },
  ])('that ends with $how', async ({ how, status }) => {
    await begin();
    rig.say(`${decider ?? 'main'}-end`, how);
    if (decider === null) {
      // It is started again, and the container goes on.
      await eventually('another start', () => order().filter((line) => line === 'up main').length > 1);
      rig.remove('main-end');
      await container.signal('SIGTERM');
      expect(await container.status()).toBe(0);
      expect(order().slice(-2)).toEqual(DOWN.slice(1));
    } else {
      expect(await container.status()).toBe(status);
      expectOrder(decider === 'command' ? ['up command', ...DOWN] : DOWN.filter((line) => line !== 'down main'));
    }
    nothingIsLeft();
  });

  test('that is stopped', async () => {
    await begin();
    expect(container.zombies()).toBe(0);
    await container.signal('SIGTERM');
    // With what it said, should it be another one.
    expect([await container.status(), container.stderr]).toEqual([stopped, expect.any(String)]);
    const down = decider === 'command' ? ['up command', 'down command', ...DOWN] : DOWN;
    expectOrder(down);
    nothingIsLeft();
  });

  test('that is stopped in its boot: what is starting stops, what is up goes down, and nothing else begins', async () => {
    rig.write({ middle: { type: 'longrun\n', 'notification-fd': '3\n' } });
    container = rig.start({
      ...start,
      command: (start.command ?? []).map((word) => word.replaceAll('$D', rig.directory)),
    });
    await rig.holds('order', 'up middle');
    await container.signal('SIGTERM');
    expect(await container.status()).toBe(0);
    expect(order()).toEqual(['up base', 'up middle', 'down middle', 'down base']);
    nothingIsLeft();
  });

  test('that is stopped while a oneshot runs', async () => {
    rig.write({ base: { type: 'oneshot\n', up: 'sh -c "echo up base >>$D/order; exec sleep 1000"\n' } });
    container = rig.start(start);
    await rig.holds('order', 'up base');
    await container.signal('SIGTERM');
    expect(await container.status()).toBe(0);
    expect(container.stderr).not.toContain('killed');
    nothingIsLeft();
  });

  test('that is killed, and started again: oneshots are done again', async () => {
    await begin();
    await container.signal('SIGKILL');
    await eventually('the end of all', () => rig.processes().length === 0);
    rig.remove('order');
    await begin();
    await container.signal('SIGTERM');
    // With what it said, should it be another one.
    expect([await container.status(), container.stderr]).toEqual([stopped, expect.any(String)]);
    expect(
      order()
        .filter((line) => UP.includes(line))
        .sort(),
    ).toEqual([...UP].sort());
    nothingIsLeft();
  });

  test('with a daemon that is deaf to TERM: it is named and killed, what needs nothing of it went down in order', async () => {
    rig.write({
      middle: {
        type: 'longrun\n',
        run: '#!/bin/sh\ntrap "" TERM\necho up middle >>$D/order\nwhile :; do sleep 0.05; done\n',
      },
    });
    container = rig.start({
      options: ['--grace', '5s', ...(start.options ?? [])],
      command: (start.command ?? []).map((word) => word.replaceAll('$D', rig.directory)),
    });
    await rig.holds('order', isUp);
    await container.signal('SIGTERM');
    // With what it said, should it be another one.
    expect([await container.status(), container.stderr]).toEqual([stopped, expect.any(String)]);
    expect(container.stderr).toMatch(/not stopped in time, killed: middle$/m);
    expect(order()).toContain('down main');
    expect(order()).not.toContain('down base');
    nothingIsLeft();
  });
});
