/** An order in which everything comes after what it points to. */
import type { Edges } from './edges.ts';

/** Among several that could come next, the lowest number does. Nodes on a circle, and what points to them, are left out. */
export function dependenciesFirst(edges: Edges, backward: Edges): number[] {
  const nodes = edges.offsets.length - 1;
  const waiting = new Uint32Array(nodes);
  const ready = new MinHeap();
  for (let node = 0; node < nodes; node++) {
    waiting[node] = edges.offsets[node + 1]! - edges.offsets[node]!;
    if (waiting[node] === 0) ready.push(node);
  }
  const order: number[] = [];
  while (ready.size > 0) {
    const node = ready.pop();
    order.push(node);
    for (let at = backward.offsets[node]!; at < backward.offsets[node + 1]!; at++) {
      const dependent = backward.targets[at]!;
      if (--waiting[dependent]! === 0) ready.push(dependent);
    }
  }
  return order;
}

class MinHeap {
  readonly #items: number[] = [];

  get size(): number {
    return this.#items.length;
  }

  push(item: number): void {
    const items = this.#items;
    let at = items.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (items[parent]! <= item) break;
      items[at] = items[parent]!;
      at = parent;
    }
    items[at] = item;
  }

  pop(): number {
    const items = this.#items;
    const top = items[0]!;
    const last = items.pop()!;
    if (items.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && items[child + 1]! < items[child]!) child++;
      if (items[child]! >= last) break;
      items[at] = items[child]!;
      at = child;
    }
    items[at] = last;
    return top;
  }
}
