/** Cycles, each as its shortest whole path. Nodes and components are indices: each `!` says that they are in range. */
import { type Column, columnOf } from './column.ts';
import { components } from './components.ts';
import { type Edges, nodesOf, targetsOf } from './edges.ts';

/** Nodes that a search for a shorter cycle may visit: in a huge tangle, a short enough one will do. */
const PATIENCE = 2_000_000;

/**
 * One cycle for each set of nodes that all reach each other: the shortest, as its nodes in order. Each node has an edge
 * to the next one, the last to the first. Empty if there is none.
 */
export function findCycles<Node extends number>(edges: Edges<Node>): Node[][] {
  const { of, count } = components(edges);
  const sizes = new Uint32Array(count);
  for (const component of of) sizes[component]!++;

  const tangles = new Map<number, Node[]>();
  for (const node of nodesOf(edges)) {
    const component = of[node]!;
    if (sizes[component] === 1 && !targetsOf(edges, node).includes(node)) continue;
    const members = tangles.get(component);
    if (members === undefined) tangles.set(component, [node]);
    else members.push(node);
  }
  const search = new CycleSearch(edges, of);
  return [...tangles.values()].map((members) => search.shortest(members));
}

/** Each node of a cycle with the next one, the last with the first. */
export function stepsAround<Node>(cycle: readonly Node[]): (readonly [from: Node, to: Node])[] {
  const [first] = cycle;
  return cycle.map((from, i) => [from, cycle[i + 1] ?? first ?? from]);
}

/** A breadth-first search that never leaves a component. */
class CycleSearch<Node extends number> {
  readonly #edges: Edges<Node>;
  readonly #component: Uint32Array;
  /** Of those that were seen in this round. */
  readonly #parent: Column<Node, Int32Array>;
  readonly #seenIn: Uint32Array;
  #round = 0;
  /** In the last round. */
  #visited = 0;

  constructor(edges: Edges<Node>, component: Uint32Array) {
    this.#edges = edges;
    this.#component = component;
    this.#parent = columnOf(new Int32Array(component.length));
    this.#seenIn = new Uint32Array(component.length);
  }

  shortest(members: readonly Node[]): Node[] {
    let best: Node[] | null = null;
    let visited = 0;
    for (const start of members) {
      if (best !== null && visited > PATIENCE) break;
      const found = this.#through(start, best?.length ?? Number.POSITIVE_INFINITY);
      visited += this.#visited;
      if (found !== null) best = found;
      if (best?.length === 1) break;
    }
    return best!;
  }

  /** The shortest cycle through `start`, if it is shorter than `limit`. */
  #through(start: Node, limit: number): Node[] | null {
    this.#round++;
    this.#visited = 0;
    let frontier = [start];
    for (let length = 1; length < limit && frontier.length > 0; length++) {
      const next: Node[] = [];
      for (const node of frontier) {
        for (const target of targetsOf(this.#edges, node)) {
          if (target === start) return this.#pathTo(node, start);
          if (this.#component[target] !== this.#component[start] || this.#seenIn[target] === this.#round) continue;
          this.#seenIn[target] = this.#round;
          this.#parent[target] = node;
          next.push(target);
          this.#visited++;
        }
      }
      frontier = next;
    }
    return null;
  }

  #pathTo(end: Node, start: Node): Node[] {
    const path = [end];
    for (let node = end; node !== start; ) {
      node = this.#parent[node]!;
      path.push(node);
    }
    return path.reverse();
  }
}
