/** Everything that is reached from somewhere. */
import type { Edges } from './edges.ts';

/** One byte a node: 1 for `from` and all that they reach. */
export function reachable(edges: Edges, from: Iterable<number>): Uint8Array {
  const reached = new Uint8Array(edges.offsets.length - 1);
  const stack: number[] = [];
  for (const node of from) {
    if (reached[node] === 1) continue;
    reached[node] = 1;
    stack.push(node);
  }
  while (stack.length > 0) {
    const node = stack.pop()!;
    for (let at = edges.offsets[node]!; at < edges.offsets[node + 1]!; at++) {
      const target = edges.targets[at]!;
      if (reached[target] === 1) continue;
      reached[target] = 1;
      stack.push(target);
    }
  }
  return reached;
}

/** The nodes of `reachable`, ascending. */
export function closure(edges: Edges, from: Iterable<number>): number[] {
  const reached = reachable(edges, from);
  const nodes: number[] = [];
  for (let node = 0; node < reached.length; node++) if (reached[node] === 1) nodes.push(node);
  return nodes;
}
