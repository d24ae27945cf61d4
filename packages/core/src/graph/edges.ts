import { type Column, columnOf } from './column.ts';

declare const source: unique symbol;

/**
 * Edge lists as two flat arrays (compressed sparse rows): the targets of node `i` are
 * `targets[offsets[i] … offsets[i + 1] - 1]`, in ascending order, without repetition.
 * A node, and a place in a row, is an index of the arrays that are looked into with it, which is what each `!` says.
 */
export interface Edges<From extends number = number, To extends number = From> {
  readonly offsets: Uint32Array;
  readonly targets: Column<To>;
  /** Never there: by it the compiler knows of which kind the sources are. */
  readonly [source]?: From;
}

/** Every source, ascending. */
export function nodesOf<From extends number>({ offsets }: Edges<From, number>): From[] {
  return Array.from({ length: offsets.length - 1 }, (_, node) => node as From);
}

/** The targets of one node, as a view: no copy is made. */
export function targetsOf<From extends number, To extends number>(
  edges: Edges<From, To>,
  node: NoInfer<From>,
): Column<To> {
  return edges.targets.subarray(edges.offsets[node], edges.offsets[node + 1]);
}

/** Edges from lists of targets; sorts, and drops repetitions. */
export function edgesFrom<From extends number, To extends number>(lists: readonly Iterable<To>[]): Edges<From, To> {
  const rows = lists.map((list) => Uint32Array.from(new Set(list)).sort());
  const offsets = new Uint32Array(rows.length + 1);
  for (let i = 0; i < rows.length; i++) offsets[i + 1] = offsets[i]! + rows[i]!.length;
  const targets = new Uint32Array(offsets[rows.length]!);
  for (let i = 0; i < rows.length; i++) targets.set(rows[i]!, offsets[i]!);
  return { offsets, targets: columnOf(targets) };
}

/** The same edges seen from their targets, of which there are `nodes`. */
export function reversed<From extends number, To extends number>(
  edges: Edges<From, To>,
  nodes: number,
): Edges<To, From> {
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
  return { offsets, targets: columnOf(targets) };
}

/** Edges without any, for `nodes` nodes. */
export function noEdges<From extends number, To extends number>(nodes: number): Edges<From, To> {
  return { offsets: new Uint32Array(nodes + 1), targets: columnOf(new Uint32Array(0)) };
}
