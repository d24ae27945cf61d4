/** Everything that can be reached along edges, and the way there. */
import { type Edges, targetsOf } from './edges.ts';

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
    for (const target of targetsOf(edges, members[next]!)) {
      if (from[target] !== OUTSIDE) continue;
      from[target] = members[next]!;
      members.push(target);
    }
  }
  return { members, from };
}
