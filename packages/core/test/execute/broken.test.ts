/** A port throws: the change is rejected with that, and nothing of it is heard of afterwards. */
import { serviceId } from '@muster/core/model/database';
import { failure } from '@muster/core/result';
import { expect, test } from 'vitest';
import { execute } from '../../src/execute/executor.ts';
import type { Alarm, Ports, Watch } from '../../src/execute/ports.ts';
import { rigOf } from '../simulation/run.ts';

test('neither a watch nor a timer of the change stays', async () => {
  const rig = rigOf([{ name: 'held' }, { name: 'web', timeoutUp: 5000 }]);
  const { ports } = rig.client();
  const open = new Set<string>();
  const watched = (what: string, watch: Watch): Watch => {
    open.add(what);
    return {
      close: () => {
        open.delete(what);
        watch.close();
      },
    };
  };
  const timed = (what: string, alarm: Alarm): Alarm => {
    open.add(what);
    return {
      cancel: () => {
        open.delete(what);
        alarm.cancel();
      },
    };
  };
  const watching: Ports = {
    ...ports,
    clock: { ...ports.clock, after: (delay, ring) => timed(`${delay} ms`, ports.clock.after(delay, ring)) },
    locks: {
      tryLock: (exclusive, shared) =>
        exclusive === serviceId(0)
          ? failure({ service: exclusive, holder: 'somebody', deadlock: false })
          : ports.locks.tryLock(exclusive, shared),
      whenFree: () => watched('the lock', { close: () => {} }),
    },
    supervisor: {
      ...ports.supervisor,
      watch: (services, changed) => watched('the services', ports.supervisor.watch(services, changed)),
      start: () => {
        expect(open).toEqual(new Set(['the services', '60000 ms', 'the lock', '5000 ms']));
        throw new Error('the system refuses it');
      },
    },
  };
  const plan = rig.plan(rig.goal('up', ['held', 'web']));
  const { done } = execute(rig.machine.database, plan, watching, { timeout: 60_000 });
  await expect(done).rejects.toThrow('the system refuses it');
  expect([...open]).toEqual([]);
});
