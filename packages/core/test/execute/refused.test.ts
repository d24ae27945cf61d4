/** Ports that throw, from wherever they are called. */
import { expect, test } from 'vitest';
import { execute } from '../../src/execute/executor.ts';
import type { Ports } from '../../src/execute/ports.ts';
import { planChange } from '../../src/plan/change.ts';
import { observedWorld } from '../../src/plan/world.ts';
import { rigOf } from '../simulation/run.ts';

const CHAIN = [{ name: 'disk' }, { name: 'database', needs: ['disk'] }, { name: 'web', needs: ['database'] }];

/** The ports of a change to have `web` up; the `count`-th call of any method of `port` throws. */
function brokenAt(port: 'supervisor' | 'records' | 'locks' | 'events', count: number) {
  const rig = rigOf(CHAIN);
  const { ports } = rig.client();
  let calls = 0;
  const broken = new Proxy(ports[port] as object, {
    get: (target, name) => {
      const method = Reflect.get(target, name);
      return (...args: unknown[]) => {
        if (++calls === count) throw new Error(`${port} refused`);
        return Reflect.apply(method, target, args);
      };
    },
  });
  const plan = planChange(rig.machine.database, observedWorld(ports), rig.goal('up', ['web']));
  return { rig, plan, ports: { ...ports, [port]: broken } as Ports, isBroken: () => calls >= count };
}

test.each(['supervisor', 'records', 'locks', 'events'] as const)(
  'what %s throws is what the change ends with',
  async (port) => {
    let ends = 0;
    for (let count = 1; ; count++) {
      const { rig, plan, ports, isBroken } = brokenAt(port, count);
      let ended: unknown;
      // Never at once: who calls has one place for what goes wrong.
      const { done } = execute(rig.machine.database, plan, ports);
      done.then(
        () => {
          ended = 'done';
        },
        (error) => {
          ended = error;
        },
      );
      rig.settle();
      await null;
      await null;
      if (!isBroken()) {
        expect(ended).toBe('done');
        break;
      }
      expect(ended, `call ${count}`).toEqual(new Error(`${port} refused`));
      ends++;
    }
    expect(ends).toBeGreaterThanOrEqual(CHAIN.length);
  },
);
