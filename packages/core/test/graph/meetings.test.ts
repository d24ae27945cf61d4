/** Where pairs of nodes meet, beside what is meant, and how the work for it grows. */
import { type Edges, edgesFrom, nodesOf, targetsOf } from '@muster/core/graph/edges';
import { eachMeeting, type Pair } from '@muster/core/graph/meetings';
import fc from 'fast-check';
import { expect, test } from 'vitest';

/** As it reads: everything that each node reaches, and each node looked at for each pair. */
function meant(edges: Edges, pairs: readonly Pair<number>[]): string[] {
  const reached: Set<number>[] = [];
  const reach = (node: number): Set<number> => {
    reached[node] ??= new Set([node, ...[...targetsOf(edges, node)].flatMap((target) => [...reach(target)])]);
    return reached[node];
  };
  const hasBoth = (node: number, [a, b]: Pair<number>) => reach(node).has(a) && reach(node).has(b);
  return pairs.flatMap((pair) =>
    nodesOf(edges)
      .filter((node) => hasBoth(node, pair) && ![...targetsOf(edges, node)].some((target) => hasBoth(target, pair)))
      .map((node) => `${node}: ${pair}`),
  );
}

function found(edges: Edges, pairs: readonly Pair<number>[]): string[] {
  const lines: string[] = [];
  eachMeeting(edges, pairs, (node, pair) => lines.push(`${node}: ${pair}`));
  return lines;
}

/** With names in any order: what a node needs is not always lower. */
const graphs = fc.integer({ min: 1, max: 14 }).chain((size) =>
  fc
    .record({
      order: fc.shuffledSubarray([...Array(size).keys()], { minLength: size, maxLength: size }),
      // Mostly chains, which are what most is left out of.
      rows: fc.array(
        fc.array(
          fc.oneof(
            { weight: 3, arbitrary: fc.constant(1) },
            { weight: 1, arbitrary: fc.integer({ min: 1, max: size }) },
          ),
          {
            maxLength: 3,
          },
        ),
        { minLength: size, maxLength: size },
      ),
      pairs: fc.array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1)), { maxLength: 40 }),
    })
    .map(({ order, rows, pairs }) => {
      const lists: number[][] = order.map(() => []);
      for (const [at, row] of rows.entries())
        for (const back of row) if (at >= back) lists[order[at] ?? 0]?.push(order[at - back] ?? 0);
      return { edges: edgesFrom(lists), pairs };
    }),
);

test('what is found is what is meant', () => {
  fc.assert(
    fc.property(graphs, ({ edges, pairs }) => {
      expect(found(edges, pairs).sort()).toEqual(meant(edges, pairs).sort());
    }),
    { numRuns: 3000 },
  );
});

test('in a circle one node is named for what lies below it, and nothing for what lies in it', () => {
  const edges = edgesFrom([[1], [2, 3], [0, 4], [], [], [0]]);
  expect(found(edges, [[3, 4]])).toEqual(['0: 3,4']);
  expect(found(edges, [[0, 1]])).toEqual([]);
});

const chain = (size: number) => Array.from({ length: size }, (_, i) => (i === 0 ? [] : [i - 1]));

test.each([
  {
    what: 'conflicts of neighbours that need nothing',
    edges: (n: number) => edgesFrom(Array.from({ length: n }, () => [])),
    pairs: (n: number) => Array.from({ length: n - 1 }, (_, i): Pair<number> => [i, i + 1]),
    meetings: () => 0,
  },
  {
    what: 'conflicts of neighbours in a chain of needs',
    edges: (n: number) => edgesFrom(chain(n)),
    pairs: (n: number) => Array.from({ length: n - 1 }, (_, i): Pair<number> => [i, i + 1]),
    meetings: (n: number) => n - 1,
  },
  {
    what: 'conflicts of a chain with what stands beside it',
    edges: (n: number) => edgesFrom([...chain(n), ...Array.from({ length: n }, () => [])]),
    pairs: (n: number) => Array.from({ length: n }, (_, i): Pair<number> => [i, n + i]),
    meetings: () => 0,
  },
  {
    what: 'conflicts between two chains that one node needs',
    edges: (n: number) =>
      edgesFrom([...chain(n), ...chain(n).map((row) => row.map((target) => target + n)), [n - 1, 2 * n - 1]]),
    pairs: (n: number) => Array.from({ length: n }, (_, i): Pair<number> => [i, n + i]),
    meetings: (n: number) => n,
  },
])('$what are no more work each where there are more of them', ({ edges, pairs, meetings }) => {
  const walked = [1000, 2000, 100_000].map((n) => {
    let count = 0;
    const steps = eachMeeting(edges(n), pairs(n), () => count++);
    expect(count).toBe(meetings(n));
    return steps / n;
  });
  expect(Math.max(...walked)).toBeLessThan(1);
});
