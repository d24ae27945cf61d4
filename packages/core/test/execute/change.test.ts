import { serviceId } from '@muster/core/model/database';
import { expect, test } from 'vitest';
import { isSuccess } from '../../src/execute/outcome.ts';
import { behaving } from '../simulation/behaviour.ts';
import { rigOf } from '../simulation/run.ts';

const CHAIN = [
  { name: 'disk', kind: 'oneshot' as const },
  { name: 'database', needs: ['disk'] },
  { name: 'web', needs: ['database'] },
  { name: 'clock' },
];

test('brings needs up before what needs them, and nothing else', async () => {
  const rig = rigOf(CHAIN);
  const outcome = await rig.change(rig.goal('up', ['web']));
  expect(isSuccess(outcome)).toBe(true);
  expect(rig.names(outcome.up)).toEqual(['disk', 'database', 'web']);
  expect(rig.up()).toEqual(['disk', 'database', 'web']);
});

test('does nothing the second time', async () => {
  const rig = rigOf(CHAIN);
  await rig.change(rig.goal('up', ['web']));
  const again = await rig.change(rig.goal('up', ['web']));
  expect(isSuccess(again)).toBe(true);
  expect(again.up).toEqual([]);
  expect(rig.plan(rig.goal('up', ['web'])).steps).toEqual([]);
});

test('what dies after it came up, while the change goes on, is told of, whether or not it is back', async () => {
  /** Only the first time. */
  const dying = (code: number, finish: number) => {
    const deaths = [20];
    return behaving({
      start: () => ({ spawn: 1, ready: 2, death: deaths.pop() ?? null, exit: { code, signal: 0 } }),
      finish: () => finish,
    });
  };
  const rig = rigOf([{ name: 'bad' }, { name: 'back' }, { name: 'periodic' }, { name: 'slow', kind: 'oneshot' }], {
    bad: dying(3, 10_000),
    back: dying(3, 95),
    periodic: dying(0, 10_000),
    slow: behaving({ script: () => ({ duration: 121, exit: { code: 0, signal: 0 } }) }),
  });
  const outcome = await rig.change(rig.goal('up', ['bad', 'back', 'periodic', 'slow']));
  expect(rig.names(outcome.up)).toEqual(['bad', 'back', 'periodic', 'slow']);
  expect(outcome.died).toEqual([
    { service: 0, exit: { code: 3, signal: 0 } },
    { service: 1, exit: { code: 3, signal: 0 } },
    { service: 2, exit: { code: 0, signal: 0 } },
  ]);
  expect(isSuccess(outcome)).toBe(false);
});

test('how long something took does not depend on how the clock is set meanwhile', async () => {
  const slow = behaving({ script: () => ({ duration: 100, exit: { code: 0, signal: 0 } }) });
  for (const jump of [-172_800_000, 172_800_000]) {
    const rig = rigOf([{ name: 'disk', kind: 'oneshot' }], { disk: slow });
    const { clock } = rig.machine;
    clock.after(50, () => {
      clock.set = jump;
    });
    const { client, done } = rig.start(rig.goal('up', ['disk']));
    rig.settle();
    expect(isSuccess(await done)).toBe(true);
    const times = client.events.flatMap((event) => ('elapsed' in event ? [event.elapsed] : []));
    expect(times).toHaveLength(1);
    expect(times[0]).toBeGreaterThanOrEqual(100);
    expect(times[0]).toBeLessThan(1000);
  }
});

test('takes dependents down first', async () => {
  const rig = rigOf(CHAIN);
  await rig.change(rig.goal('up', ['web', 'clock']));
  const outcome = await rig.change(rig.goal('down', ['disk']));
  expect(rig.names(outcome.down)).toEqual(['web', 'database', 'disk']);
  expect(rig.up()).toEqual(['clock']);
});

test('a failed start is brought down; its dependents are skipped because of it, everything else goes on', async () => {
  const rig = rigOf(CHAIN, {
    disk: behaving({ script: (action) => ({ duration: 1, exit: { code: action === 'up' ? 3 : 0, signal: 0 } }) }),
  });
  const outcome = await rig.change(rig.goal('up', ['web', 'clock']));
  expect(outcome.failed).toMatchObject([{ service: 0, action: 'up', cause: 'exited', exit: { code: 3, signal: 0 } }]);
  expect(rig.names(outcome.skipped)).toEqual(['database', 'web']);
  expect(outcome.skipped.map(({ because }) => because)).toEqual([0, 0]);
  expect(rig.up()).toEqual(['clock']);
});

test('a longrun that dies before it is ready is tried again, and has come up if that succeeds', async () => {
  const deaths = [10, 10];
  const rig = rigOf(CHAIN, {
    database: behaving({
      start: () => ({ spawn: 1, ready: 50, death: deaths.pop() ?? null, exit: { code: 7, signal: 0 } }),
    }),
  });
  const outcome = await rig.change(rig.goal('up', ['web']));
  expect(isSuccess(outcome)).toBe(true);
  expect(rig.up()).toEqual(['disk', 'database', 'web']);
  expect(rig.machine.starts[1]).toBe(3);
});

test('a longrun that dies before it is ready again and again has failed, and stays down', async () => {
  const rig = rigOf(CHAIN, {
    database: behaving({ start: () => ({ spawn: 1, ready: 50, death: 10, exit: { code: 7, signal: 0 } }) }),
  });
  const outcome = await rig.change(rig.goal('up', ['web']));
  expect(outcome.failed).toMatchObject([{ service: 1, cause: 'exited', exit: { code: 7, signal: 0 } }]);
  expect(rig.machine.isDown(serviceId(1))).toBe(true);
  expect(rig.machine.starts[1]).toBe(4);
});

test('a longrun that is never ready fails after its timeout, and is stopped', async () => {
  const rig = rigOf([{ name: 'mute', timeoutUp: 200 }], {
    mute: behaving({ start: () => ({ spawn: 1, ready: null, death: null, exit: { code: 0, signal: 0 } }) }),
  });
  const outcome = await rig.change(rig.goal('up', ['mute']));
  expect(outcome.failed).toMatchObject([{ service: 0, cause: 'timeout', elapsed: 200, alive: true }]);
  expect(rig.machine.isDown(serviceId(0))).toBe(true);
});

test('a script that hangs is ended at its timeout', async () => {
  const rig = rigOf(
    [
      { name: 'slow', kind: 'oneshot', timeoutUp: 100 },
      { name: 'after', needs: ['slow'] },
    ],
    { slow: behaving({ script: () => ({ duration: null, exit: { code: 0, signal: 0 } }) }) },
  );
  const outcome = await rig.change(rig.goal('up', ['after']));
  expect(outcome.failed).toMatchObject([{ service: 0, cause: 'timeout' }]);
  expect(rig.machine.truth(serviceId(0))).toMatchObject({ running: null });
});

test('a stop that fails leaves what it needs alone', async () => {
  const rig = rigOf(CHAIN, { database: behaving({ stop: () => null }) });
  rig.machine.database.timeoutDown[1] = 50;
  await rig.change(rig.goal('up', ['web']));
  const outcome = await rig.change(rig.goal('down', ['disk']));
  expect(rig.names(outcome.down)).toEqual(['web']);
  expect(outcome.failed).toMatchObject([{ service: 1, action: 'down', cause: 'timeout' }]);
  expect(rig.names(outcome.skipped)).toEqual(['disk']);
  expect(rig.machine.isUp(serviceId(0))).toBe(true);
});

test('cancelled: longruns are left to themselves, scripts finish, nothing new starts', async () => {
  const rig = rigOf([{ name: 'script', kind: 'oneshot' }, { name: 'daemon' }, { name: 'later', needs: ['script'] }]);
  const { done, cancel } = rig.start(rig.goal('up', ['later', 'daemon']));
  cancel();
  rig.settle();
  const outcome = await done;
  expect(outcome.end).toBe('cancelled');
  expect(rig.names(outcome.up)).toEqual(['script']);
  expect(outcome.failed).toMatchObject([{ service: 1, cause: 'cancelled' }]);
  expect(rig.names(outcome.left)).toEqual(['later']);
  expect(rig.up()).toEqual(['script', 'daemon']);
});

test('out of time: the command ends, whatever hangs', async () => {
  const rig = rigOf(
    [
      { name: 'slow', kind: 'oneshot' },
      { name: 'after', needs: ['slow'] },
    ],
    { slow: behaving({ script: () => ({ duration: null, exit: { code: 0, signal: 0 } }) }) },
  );
  const outcome = await rig.change(rig.goal('up', ['after']), { timeout: 500 });
  expect(outcome).toMatchObject({
    end: 'timed-out',
    failed: [{ service: 0, cause: 'timeout' }],
    left: [{ service: 1 }],
  });
});

test('jobs limits how much is under way at once', async () => {
  const rig = rigOf(Array.from({ length: 10 }, (_, id) => ({ name: `s${id}`, kind: 'oneshot' as const })));
  const { done, client } = rig.start(rig.goal('up', ['s0', 's1', 's2', 's3', 's4', 's5', 's6', 's7', 's8', 's9']), {
    jobs: 3,
  });
  let most = 0;
  while (rig.machine.clock.step()) {
    const running = client.events.filter(({ event }) => event === 'starting').length;
    const ended = client.events.filter(({ event }) => event === 'up').length;
    most = Math.max(most, running - ended);
  }
  expect((await done).up).toHaveLength(10);
  expect(most).toBe(3);
});
