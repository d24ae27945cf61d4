/** Cycles, each as its shortest whole path. */
import { components } from './components.ts';
import { type Edges, targetsOf } from './edges.ts';

/** Nodes that a search for a shorter cycle may visit: in a huge tangle, a short enough one will do. */
const PATIENCE = 2_000_000;

/**
 * One cycle for each set of nodes that all reach each other: the shortest, as its nodes in order. Each node has an edge
 * to the next one, the last to the first. Empty: there is none.
 */
export function findCycles(edges: Edges): number[][] {
  const { of, count } = components(edges);
  const nodes = of.length;
  const sizes = new Uint32Array(count);
  for (let node = 0; node < nodes; node++) sizes[of[node]!]!++;

  const tangles = new Map<number, number[]>();
  for (let node = 0; node < nodes; node++) {
    const component = of[node]!;
    if (sizes[component] === 1 && !targetsOf(edges, node).includes(node)) continue;
    const members = tangles.get(component);
    if (members === undefined) tangles.set(component, [node]);
    else members.push(node);
  }
  const search = new CycleSearch(edges, of);
  return [...tangles.values()].map((members) => search.shortest(members));
}

/** A breadth-first search that never leaves a component. */
class CycleSearch {
  readonly #edges: Edges;
  readonly #component: Uint32Array;
  readonly #parent: Int32Array;
  readonly #seenIn: Uint32Array;
  #round = 0;
  /** In the last round. */
  #visited = 0;

  constructor(edges: Edges, component: Uint32Array) {
    this.#edges = edges;
    this.#component = component;
    this.#parent = new Int32Array(component.length);
    this.#seenIn = new Uint32Array(component.length);
  }

  shortest(members: readonly number[]): number[] {
    let best: number[] | null = null;
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
  #through(start: number, limit: number): number[] | null {
    this.#round++;
    this.#visited = 0;
    let frontier = [start];
    for (let length = 1; length < limit && frontier.length > 0; length++) {
      const next: number[] = [];
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

  #pathTo(end: number, start: number): number[] {
    const path = [end];
    for (let node = end; node !== start; ) {
      node = this.#parent[node]!;
      path.push(node);
    }
    return path.reverse();
  }
}
