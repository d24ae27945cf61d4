/**
 * Edges while they are being gathered, in any order and with repetitions. An edge, and a node, is an index of the arrays that
 * are looked into with it, which is what each `!` says.
 */
import { columnOf } from './column.ts';
import { type Edges, nodesOf, targetsOf } from './edges.ts';

export class EdgeList<From extends number = number, To extends number = From> {
  #sources = new Uint32Array(1024);
  #targets = new Uint32Array(1024);
  #weights = new Uint8Array(1024);
  #count = 0;

  add(source: From, target: To, weight = 0): void {
    if (this.#count === this.#sources.length) this.#grow();
    this.#sources[this.#count] = source;
    this.#targets[this.#count] = target;
    this.#weights[this.#count++] = weight;
  }

  /** As rows for `nodes` nodes. Of repeated edges one stays, with the smallest of their weights. */
  build(nodes: number): { readonly edges: Edges<From, To>; readonly weights: Uint8Array } {
    const byTarget = this.#sortedBy(this.#targets, this.#identity(), nodes);
    const order = this.#sortedBy(this.#sources, byTarget, nodes);
    const offsets = new Uint32Array(nodes + 1);
    const targets = new Uint32Array(this.#count);
    const weights = new Uint8Array(this.#count);
    let kept = 0;
    let lastSource = -1;
    for (const edge of order) {
      const source = this.#sources[edge]!;
      const target = this.#targets[edge]!;
      const weight = this.#weights[edge]!;
      if (source === lastSource && kept > 0 && targets[kept - 1] === target) {
        weights[kept - 1] = Math.min(weights[kept - 1]!, weight);
        continue;
      }
      targets[kept] = target;
      weights[kept++] = weight;
      offsets[source + 1]!++;
      lastSource = source;
    }
    for (let i = 0; i < nodes; i++) offsets[i + 1]! += offsets[i]!;
    return { edges: { offsets, targets: columnOf(targets.slice(0, kept)) }, weights: weights.slice(0, kept) };
  }

  #identity(): Uint32Array {
    const order = new Uint32Array(this.#count);
    for (let i = 0; i < order.length; i++) order[i] = i;
    return order;
  }

  /** A stable counting sort of `order` by `keys`. */
  #sortedBy(keys: Uint32Array, order: Uint32Array, nodes: number): Uint32Array {
    const next = new Uint32Array(nodes + 1);
    for (let i = 0; i < this.#count; i++) next[keys[i]! + 1]!++;
    for (let i = 0; i < nodes; i++) next[i + 1]! += next[i]!;
    const sorted = new Uint32Array(order.length);
    for (const edge of order) sorted[next[keys[edge]!]!++] = edge;
    return sorted;
  }

  #grow(): void {
    const length = this.#sources.length * 2;
    const sources = new Uint32Array(length);
    sources.set(this.#sources);
    this.#sources = sources;
    const targets = new Uint32Array(length);
    targets.set(this.#targets);
    this.#targets = targets;
    const weights = new Uint8Array(length);
    weights.set(this.#weights);
    this.#weights = weights;
  }
}

/** All edges of `lists`, which are between the same `nodes` nodes. */
export function union<Node extends number>(nodes: number, lists: readonly Edges<Node>[]): Edges<Node> {
  const given = lists.filter(({ targets }) => targets.length > 0);
  if (given.length === 1) return given[0]!;
  const all = new EdgeList<Node>();
  for (const edges of given)
    for (const node of nodesOf(edges)) for (const target of targetsOf(edges, node)) all.add(node, target);
  return all.build(nodes).edges;
}
