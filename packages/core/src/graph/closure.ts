/** Everything that can be reached along edges, and the way there. */
import type { Edges } from './edges.ts';

export const OUTSIDE = -2;
export const ROOT = -1;

export interface Closure {
  /** In the order in which they were reached: nearest first. */
  readonly members: readonly number[];
  /** By node: the member from which it was reached, `ROOT`, or `OUTSIDE`. */
  readonly from: Int32Array;
}

export function closureOf(edges: Edges, roots: Iterable<number>): Closure {
  const from = new Int32Array(edges.offsets.length - 1).fill(OUTSIDE);
  const members: number[] = [];
  for (const root of roots) {
    if (from[root] !== OUTSIDE) continue;
    from[root] = ROOT;
    members.push(root);
  }
  for (let next = 0; next < members.length; next++) {
    const node = members[next]!;
    for (let at = edges.offsets[node]!; at < edges.offsets[node + 1]!; at++) {
      const target = edges.targets[at]!;
      if (from[target] !== OUTSIDE) continue;
      from[target] = node;
      members.push(target);
    }
  }
  return { members, from };
}

/** `roots` and all that they reach, ascending. */
export function closure(edges: Edges, roots: Iterable<number>): number[] {
  return [...closureOf(edges, roots).members].sort((a, b) => a - b);
}

/** One byte a node: 1 for `roots` and all that they reach. */
export function reachable(edges: Edges, roots: Iterable<number>): Uint8Array {
  const reached = new Uint8Array(edges.offsets.length - 1);
  for (const member of closureOf(edges, roots).members) reached[member] = 1;
  return reached;
}
