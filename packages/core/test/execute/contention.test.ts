import { type ServiceId, serviceId } from '@muster/core/model/database';
import { failure } from '@muster/core/result';
import { expect, test } from 'vitest';
import { execute } from '../../src/execute/executor.ts';
import { behaving } from '../simulation/behaviour.ts';
import { rigOf } from '../simulation/run.ts';

const SLOW = behaving({ script: () => ({ duration: 1000, exit: { code: 0, signal: 0 } }) });

test('two changes whose services are disjoint do not wait for each other', async () => {
  const rig = rigOf([{ name: 'slow', kind: 'oneshot' }, { name: 'quick' }], { slow: SLOW });
  const boot = rig.start(rig.goal('up', ['slow']));
  const other = rig.start(rig.goal('up', ['quick']));
  while (other.client.events.length < 2) rig.machine.clock.step();
  expect(rig.machine.isUp(serviceId(0))).toBe(false);
  rig.settle();
  expect((await boot.done).up).toEqual([0]);
  expect((await other.done).up).toEqual([1]);
});

test('a change waits for the one service that another is moving, and says whom it waits for', async () => {
  const rig = rigOf(
    [
      { name: 'slow', kind: 'oneshot' },
      { name: 'late', needs: ['slow'] },
    ],
    { slow: SLOW },
  );
  rig.start(rig.goal('up', ['slow']));
  const second = rig.start(rig.goal('up', ['late']));
  expect(second.client.events).toEqual([{ event: 'waiting', service: 0, on: 0, holder: 'change 1' }]);
  rig.settle();
  expect((await second.done).up).toEqual([1]);
});

test('without waiting, it is busy and does nothing more', async () => {
  const rig = rigOf(
    [
      { name: 'slow', kind: 'oneshot' },
      { name: 'late', needs: ['slow'] },
    ],
    { slow: SLOW },
  );
  rig.start(rig.goal('up', ['slow']));
  const { done } = rig.start(rig.goal('up', ['late']), { noWait: true });
  rig.settle();
  expect(await done).toMatchObject({ blocked: { why: 'busy', service: 0, on: 0, holder: 'change 1' }, up: [] });
  expect(rig.up()).toEqual(['slow']);
});

test('waiting that would never end is refused at once', async () => {
  const rig = rigOf(
    [
      { name: 'script', kind: 'oneshot' },
      { name: 'late', needs: ['script'] },
    ],
    { script: SLOW },
  );
  rig.start(rig.goal('up', ['script']));
  const inside = rig.client();
  const { tryLock } = inside.ports.locks;
  const locks = {
    ...inside.ports.locks,
    tryLock: (exclusive: ServiceId, shared: readonly ServiceId[]) => {
      const answer = tryLock(exclusive, shared);
      return answer.ok ? answer : failure({ ...answer.problem, deadlock: true });
    },
  };
  const plan = rig.plan(rig.goal('up', ['late']));
  const outcome = await execute(rig.machine.database, plan, { ...inside.ports, locks }).done;
  expect(outcome.blocked).toMatchObject({ why: 'deadlock', on: 0 });
  expect(outcome.left.map(({ service }) => service)).toEqual([0, 1]);
});

test('who asks last for the opposite wins, and the other one says so', async () => {
  const nodes = [
    { name: 'slow', kind: 'oneshot' as const },
    { name: 'late', needs: ['slow'] },
  ];
  const rig = rigOf(nodes, { slow: SLOW });
  const boot = rig.start(rig.goal('up', ['late']));
  const stop = rig.start(rig.goal('down', ['slow']));
  rig.settle();
  expect(await boot.done).toMatchObject({ up: [], overruled: [{ service: 0, action: 'up', by: 2 }] });
  expect((await stop.done).failed).toEqual([]);
  expect(rig.up()).toEqual([]);
});

test('a start that hangs ends when somebody wants the service down', async () => {
  const hangs = behaving({ start: () => ({ spawn: 1, ready: null, death: null, exit: { code: 0, signal: 0 } }) });
  const rig = rigOf([{ name: 'mute' }], { mute: hangs });
  const boot = rig.start(rig.goal('up', ['mute']));
  for (let events = 0; events < 10; events++) rig.machine.clock.step();
  const stop = rig.start(rig.goal('down', ['mute']));
  rig.settle();
  expect((await boot.done).overruled).toEqual([{ service: 0, action: 'up', by: 2 }]);
  expect((await stop.done).failed).toEqual([]);
  expect(rig.machine.isDown(serviceId(0))).toBe(true);
});

test('a client that was killed while a script ran: the next one waits for that script, and does not run it again', async () => {
  const rig = rigOf(
    [
      { name: 'slow', kind: 'oneshot' },
      { name: 'late', needs: ['slow'] },
    ],
    { slow: SLOW },
  );
  const first = rig.start(rig.goal('up', ['late']));
  rig.machine.clock.step();
  expect(rig.machine.truth(serviceId(0))).toMatchObject({ running: 'up' });
  first.client.kill();
  const outcome = await rig.change(rig.goal('up', ['late']));
  expect(rig.names(outcome.up)).toEqual(['slow', 'late']);
  expect(rig.machine.starts[0]).toBe(1);
});

test('a need that died since the plan was made is started again first', async () => {
  const rig = rigOf([{ name: 'base' }, { name: 'slow', kind: 'oneshot' }, { name: 'top', needs: ['base', 'slow'] }], {
    slow: SLOW,
  });
  await rig.change(rig.goal('up', ['base']));
  rig.machine.behaviours[0] = behaving({ givesUp: () => true });
  const { done } = rig.start(rig.goal('up', ['top']));
  rig.machine.die(serviceId(0), { code: 1, signal: 0 });
  rig.settle();
  expect(rig.names((await done).up)).toEqual(['slow', 'base', 'top']);
});

test('a service that is still being stopped for somebody who died is stopped first, and then started', async () => {
  const lingers = behaving({ stop: () => 500 });
  const rig = rigOf([{ name: 'daemon' }], { daemon: lingers });
  await rig.change(rig.goal('up', ['daemon']));
  const stop = rig.start(rig.goal('down', ['daemon']));
  rig.machine.clock.step();
  stop.client.kill();
  expect(rig.machine.truth(serviceId(0))).toMatchObject({ state: 'up', supervisorWants: 'down' });
  const outcome = await rig.change(rig.goal('up', ['daemon']));
  expect(outcome).toMatchObject({ up: [0], failed: [] });
  expect(rig.machine.starts[0]).toBe(2);
});

test('pruning: a stop that failed keeps everything from starting; one that somebody else did not want does not', async () => {
  const nodes = [
    { name: 'old', kind: 'oneshot' as const },
    { name: 'other', kind: 'oneshot' as const },
    { name: 'new' },
  ];
  const stubborn = behaving({
    script: (action) => ({ duration: 1, exit: { code: action === 'down' ? 1 : 0, signal: 0 } }),
  });
  const failing = rigOf(nodes, { old: stubborn });
  await failing.change(failing.goal('up', ['old', 'other']));
  const failed = await failing.change(failing.goal('up', ['new'], { prune: true }));
  expect(failed).toMatchObject({ failed: [{ service: 0, action: 'down' }], skipped: [{ service: 2, because: 0 }] });

  const rig = rigOf(nodes, { other: SLOW });
  await rig.change(rig.goal('up', ['old', 'other']));
  const prune = rig.start(rig.goal('up', ['new'], { prune: true }), { jobs: 1 });
  const keep = rig.start(rig.goal('up', ['other']));
  rig.settle();
  expect(await prune.done).toMatchObject({ down: [0], up: [2], overruled: [{ service: 1, action: 'down', by: 3 }] });
  await keep.done;
  expect(rig.up()).toEqual(['other', 'new']);
});

test('an order of somebody who was killed may not have been read yet: what is wanted now is said after it', async () => {
  const rig = rigOf([{ name: 'web' }]);
  await rig.change(rig.goal('up', ['web']));
  const { ports } = rig.client();
  const lease = ports.locks.tryLock(serviceId(0), []);
  if (!lease.ok) throw new Error('nobody else holds it');
  ports.records.write(serviceId(0), {
    ...ports.records.read(serviceId(0)),
    transition: 'down',
    phase: 'begun',
    ended: 0,
  });
  lease.value.release();
  const outcome = await rig.change(rig.goal('up', ['web']));
  expect(rig.names(outcome.up)).toEqual(['web']);
  expect(ports.records.read(serviceId(0))).toMatchObject({ transition: 'up', phase: 'done' });
});
