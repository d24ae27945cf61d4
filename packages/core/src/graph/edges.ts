/**
 * Edge lists as two flat arrays (compressed sparse rows): the targets of node `i` are
 * `targets[offsets[i] … offsets[i + 1] - 1]`, in ascending order, without repetition.
 */
export interface Edges {
  readonly offsets: Uint32Array;
  readonly targets: Uint32Array;
}

/** The targets of one node, as a view: no copy is made. */
export function targetsOf(edges: Edges, node: number): Uint32Array {
  return edges.targets.subarray(edges.offsets[node], edges.offsets[node + 1]);
}

/** Edges from lists of targets; sorts, and drops repetitions. */
export function edgesFrom(lists: readonly Iterable<number>[]): Edges {
  const rows = lists.map((list) => Uint32Array.from(new Set(list)).sort());
  const offsets = new Uint32Array(rows.length + 1);
  for (let i = 0; i < rows.length; i++) offsets[i + 1] = offsets[i]! + rows[i]!.length;
  const targets = new Uint32Array(offsets[rows.length]!);
  for (let i = 0; i < rows.length; i++) targets.set(rows[i]!, offsets[i]!);
  return { offsets, targets };
}

/** The same edges seen from their targets, of which there are `nodes`. */
export function reversed(edges: Edges, nodes: number): Edges {
  const offsets = new Uint32Array(nodes + 1);
  for (const target of edges.targets) offsets[target + 1]!++;
  for (let i = 0; i < nodes; i++) offsets[i + 1]! += offsets[i]!;
  const next = offsets.slice(0, nodes);
  const targets = new Uint32Array(edges.targets.length);
  const sources = edges.offsets.length - 1;
  for (let source = 0; source < sources; source++) {
    for (let at = edges.offsets[source]!; at < edges.offsets[source + 1]!; at++) {
      const target = edges.targets[at]!;
      targets[next[target]!++] = source;
    }
  }
  return { offsets, targets };
}

/** Edges without any, for `nodes` nodes. */
export function noEdges(nodes: number): Edges {
  return { offsets: new Uint32Array(nodes + 1), targets: new Uint32Array(0) };
}
