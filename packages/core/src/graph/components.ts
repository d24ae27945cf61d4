/**
 * Strongly connected components (Tarjan), with a stack of our own: a chain of a million nodes must not overflow the
 * machine's. Components are numbered so that every edge leads to the same or to a lower number: dependencies first.
 * A node, and a place on a stack, is an index of the arrays that are looked into with it, which is what each `!` says.
 */
import type { Edges } from './edges.ts';

export interface Components {
  /** By node. */
  readonly of: Uint32Array;
  readonly count: number;
}

const UNSEEN = 0;

export function components(edges: Edges): Components {
  const nodes = edges.offsets.length - 1;
  const of = new Uint32Array(nodes);
  const index = new Uint32Array(nodes);
  const low = new Uint32Array(nodes);
  const done = new Uint8Array(nodes);
  const cursor = edges.offsets.slice(0, nodes);
  const path = new Uint32Array(nodes);
  const open = new Uint32Array(nodes);
  let pathLength = 0;
  let openLength = 0;
  let next = 1;
  let count = 0;

  const enter = (node: number) => {
    index[node] = low[node] = next++;
    path[pathLength++] = node;
    open[openLength++] = node;
  };
  const leave = (node: number) => {
    pathLength--;
    if (low[node] === index[node]) {
      let member: number;
      do {
        member = open[--openLength]!;
        of[member] = count;
        done[member] = 1;
      } while (member !== node);
      count++;
    }
    if (pathLength > 0) {
      const parent = path[pathLength - 1]!;
      if (low[node]! < low[parent]!) low[parent] = low[node]!;
    }
  };

  for (let root = 0; root < nodes; root++) {
    if (index[root] !== UNSEEN) continue;
    enter(root);
    while (pathLength > 0) {
      const node = path[pathLength - 1]!;
      const at = cursor[node]!;
      if (at === edges.offsets[node + 1]) {
        leave(node);
        continue;
      }
      cursor[node] = at + 1;
      const target = edges.targets[at]!;
      if (index[target] === UNSEEN) enter(target);
      else if (done[target] === 0 && index[target]! < low[node]!) low[node] = index[target]!;
    }
  }
  return { of, count };
}
