/** How the work for a plan grows: counted in looks at services and at rows of edges, so that a slow machine changes nothing. */
import { columnOf } from '@muster/core/graph/column';
import type { Edges } from '@muster/core/graph/edges';
import type { Database, ServiceId } from '@muster/core/model/database';
import { planChange } from '@muster/core/plan/change';
import { select } from '@muster/core/plan/goal';
import type { World } from '@muster/core/plan/world';
import { expect, test } from 'vitest';
import { goalOf } from '../goal-of.ts';
import { databaseOf, type Node } from '../simulation/graph.ts';

/** Rows are looked up as views, which is what is counted. */
function counted(database: Database, count: (length: number) => void): Database {
  class Counted extends Uint32Array {
    override subarray(start?: number, end?: number) {
      count(1 + Math.max(0, (end ?? this.length) - (start ?? 0)));
      return new Uint32Array(this.buffer, this.byteOffset, this.length).subarray(
        start,
        end,
      ) as Uint32Array<ArrayBuffer>;
    }
  }
  const watched = ({ offsets, targets }: Edges<ServiceId>): Edges<ServiceId> => ({
    offsets,
    targets: columnOf<ServiceId>(new Counted(targets)),
  });
  const { needs, neededBy, wants, wantedBy, conflicts } = database;
  return {
    ...database,
    needs: watched(needs),
    neededBy: watched(neededBy),
    wants: watched(wants),
    wantedBy: watched(wantedBy),
    conflicts: watched(conflicts),
  };
}

/** Looks for one plan that brings `names` up where `up` are. */
function looksFor(
  nodes: readonly Node[],
  up: (name: string) => boolean,
  name: string,
): { steps: number; looks: number } {
  let looks = 0;
  const database = counted(databaseOf(nodes), (length) => {
    looks += length;
  });
  const isUp = (id: ServiceId) => {
    looks++;
    return up(database.names[id] ?? '');
  };
  const world: World = {
    condition: (id) => (isUp(id) ? 'up' : 'down'),
    wanted: (id) => (isUp(id) ? 'explicit' : 'no'),
  };
  const { selection } = select(database, [name]);
  const plan = planChange(database, world, goalOf('up', selection, {}));
  return { steps: plan.steps.length, looks };
}

const numbers = (n: number) => Array.from({ length: n }, (_, i) => i);
const before = (prefix: string, i: number) => (i === 0 ? [] : [`${prefix}${i - 1}`]);

test.each([
  {
    what: 'a chain of needs',
    nodes: (n: number): Node[] => numbers(n).map((i) => ({ name: `a${i}`, needs: before('a', i) })),
    steps: (n: number) => n,
  },
  {
    what: 'a chain in the place of another one that it conflicts with, link by link',
    nodes: (n: number): Node[] => [
      ...numbers(n).map((i) => ({ name: `b${i}`, needs: before('b', i) })),
      ...numbers(n).map((i) => ({ name: `a${i}`, needs: before('a', i), conflicts: [`b${i}`] })),
    ],
    steps: (n: number) => 2 * n,
  },
  {
    what: 'a chain in the place of services that each of it conflicts with',
    nodes: (n: number): Node[] => [
      ...numbers(n).map((i) => ({ name: `b${i}` })),
      ...numbers(n).map((i) => ({ name: `a${i}`, needs: before('a', i), conflicts: [`b${i}`] })),
    ],
    steps: (n: number) => 2 * n,
  },
  {
    what: 'a chain of which each wants one that needs it',
    nodes: (n: number): Node[] => [
      ...numbers(n).map((i) => ({ name: `w${i}`, needs: [`a${i}`] })),
      ...numbers(n).map((i) => ({ name: `a${i}`, needs: before('a', i), wants: [`w${i}`] })),
    ],
    steps: (n: number) => 2 * n,
  },
])('$what: twice as many services are twice the work', ({ nodes, steps }) => {
  const [some, more] = [400, 800].map((n) => {
    const looked = looksFor(nodes(n), (name) => name.startsWith('b'), `a${n - 1}`);
    expect(looked.steps).toBe(steps(n));
    return looked.looks;
  });
  expect(more).toBeLessThanOrEqual(2.1 * (some ?? 0));
});
