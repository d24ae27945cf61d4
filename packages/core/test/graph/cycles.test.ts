import { alg, Graph } from '@dagrejs/graphlib';
import { components } from '@muster/core/graph/components';
import { findCycles } from '@muster/core/graph/cycles';
import { EdgeList } from '@muster/core/graph/edge-list';
import { type Edges, edgesFrom, reversed, targetsOf } from '@muster/core/graph/edges';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const lists = fc
  .integer({ min: 1, max: 14 })
  .chain((nodes) => fc.array(fc.array(fc.nat(nodes - 1), { maxLength: 3 }), { minLength: nodes, maxLength: nodes }));

test('there is one cycle for each tangle that graphlib finds, and it is a shortest one', () => {
  fc.assert(
    fc.property(lists, (rows) => {
      const edges = edgesFrom(rows);
      const graph = asGraph(edges);
      const cycles = findCycles(edges);
      expect(cycles.length).toBe(alg.findCycles(graph).length);
      for (const cycle of cycles) {
        cycle.forEach((node, i) => {
          expect([...targetsOf(edges, node)]).toContain(cycle[(i + 1) % cycle.length]);
        });
        const tangle = alg.tarjan(graph).find((members) => members.includes(String(cycle[0])))!;
        expect(cycle.length).toBe(Math.min(...tangle.map((node) => shortestThrough(edges, Number(node)))));
      }
    }),
    { numRuns: 500 },
  );
});

test('components are numbered so that edges lead to the same or a lower one', () => {
  fc.assert(
    fc.property(lists, (rows) => {
      const edges = edgesFrom(rows);
      const { of, count } = components(edges);
      rows.forEach((targets, node) => {
        for (const target of targets) expect(of[target]!).toBeLessThanOrEqual(of[node]!);
      });
      expect(count).toBe(alg.tarjan(asGraph(edges)).length);
    }),
  );
});

test('an edge list gives the rows that were put in, whatever the order', () => {
  fc.assert(
    fc.property(lists, fc.infiniteStream(fc.nat(100)), (rows, random) => {
      const all = rows.flatMap((targets, node) =>
        targets.map((target) => ({ node, target, key: random.next().value! })),
      );
      const list = new EdgeList();
      for (const { node, target } of all.sort((a, b) => a.key - b.key)) list.add(node, target);
      expect(list.build(rows.length).edges).toEqual(edgesFrom(rows));
    }),
  );
});

test('a chain of a million nodes and a ring of a hundred thousand do not overflow anything', () => {
  const chain = edgesFrom(Array.from({ length: 1_000_000 }, (_, i) => (i === 0 ? [] : [i - 1])));
  expect(findCycles(chain)).toEqual([]);
  expect(targetsOf(reversed(chain, 1_000_000), 5)).toEqual(Uint32Array.of(6));
  const ring = edgesFrom(Array.from({ length: 100_000 }, (_, i) => [(i + 1) % 100_000]));
  expect(findCycles(ring)[0]).toHaveLength(100_000);
});

function asGraph(edges: Edges): Graph {
  const graph = new Graph();
  for (let node = 0; node < edges.offsets.length - 1; node++) {
    graph.setNode(String(node));
    for (const target of targetsOf(edges, node)) graph.setEdge(String(node), String(target));
  }
  return graph;
}

function shortestThrough(edges: Edges, start: number): number {
  const seen = new Set<number>();
  let frontier = [start];
  for (let length = 1; frontier.length > 0; length++) {
    const next: number[] = [];
    for (const node of frontier)
      for (const target of targetsOf(edges, node)) {
        if (target === start) return length;
        if (seen.has(target)) continue;
        seen.add(target);
        next.push(target);
      }
    frontier = next;
  }
  return Number.POSITIVE_INFINITY;
}
