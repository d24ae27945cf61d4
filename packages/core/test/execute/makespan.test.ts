import { expect, test } from 'vitest';
import { nodesOf, targetsOf } from '../../src/graph/edges.ts';
import { type Behaviour, WELL_BEHAVED } from '../simulation/behaviour.ts';
import type { Node } from '../simulation/graph.ts';
import { Random } from '../simulation/random.ts';
import { rigOf } from '../simulation/run.ts';

/** How long the longest chain takes: nothing can be faster. */
function criticalPath(needs: readonly (readonly number[])[], durations: readonly number[]): number {
  const ready: number[] = [];
  for (const [id, before] of needs.entries())
    ready[id] = Math.max(0, ...before.map((need) => ready[need]!)) + durations[id]!;
  return Math.max(...ready);
}

test('everything is up as soon as the longest chain is, on 200 random graphs with random start times', async () => {
  const random = new Random(1);
  let worst = 0;
  for (let graph = 0; graph < 200; graph++) {
    const size = random.between(2, 300);
    const durations = Array.from({ length: size }, () => random.between(1, 500));
    const nodes = Array.from({ length: size }, (_, id): Node => {
      const needs = Array.from({ length: Math.min(id, random.below(4)) }, () => `s${random.below(id)}`);
      return { name: `s${id}`, needs: [...new Set(needs)], kind: random.chance(0.5) ? 'longrun' : 'oneshot' };
    });
    const behaviours = nodes.map(({ name }, id): [string, Behaviour] => [
      name,
      {
        ...WELL_BEHAVED,
        start: () => ({ spawn: 0, ready: durations[id]!, death: null, exit: { code: 0, signal: 0 } }),
        script: () => ({ duration: durations[id]!, exit: { code: 0, signal: 0 } }),
      },
    ]);
    const rig = rigOf(nodes, Object.fromEntries(behaviours));
    const { needs, names } = rig.machine.database;
    const before = rig.machine.clock.now();
    const { done, client } = rig.start(rig.goal('up', names));
    let last = before;
    while (rig.machine.clock.step()) {
      const { length } = client.events;
      if (length === size * 2 && last === before) last = rig.machine.clock.now();
    }
    expect((await done).up).toHaveLength(size);
    const rows = nodesOf(needs).map((id) => [...targetsOf(needs, id)]);
    worst = Math.max(worst, (last - before) / criticalPath(rows, durations));
  }
  console.log(`makespan ÷ critical path, worst of 200 graphs: ${worst.toFixed(3)}`);
  expect(worst).toBe(1);
});
