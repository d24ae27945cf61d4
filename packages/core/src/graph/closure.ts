/** Everything that can be reached along edges, and the way there. */
import { type Column, columnOf } from './column.ts';
import { type Edges, targetsOf } from './edges.ts';

const OUTSIDE = -2;
const ROOT = -1;

export class Closure<Node extends number> {
  /** In the order in which they were reached: nearest first. */
  readonly members: readonly Node[];
  readonly #from: Column<Node | typeof ROOT | typeof OUTSIDE, Int32Array>;

  constructor(members: readonly Node[], from: Column<Node | typeof ROOT | typeof OUTSIDE, Int32Array>) {
    this.members = members;
    this.#from = from;
  }

  has(node: Node): boolean {
    return this.#from[node] !== OUTSIDE;
  }

  isRoot(node: Node): boolean {
    return this.#from[node] === ROOT;
  }

  /** The member from which `node` was reached; undefined if it was not, being a root or outside. */
  from(node: Node): Node | undefined {
    const from = this.#from[node];
    return from === ROOT || from === OUTSIDE ? undefined : (from as Node | undefined);
  }

  /** The root from which `member` was reached, possibly itself. */
  rootOf(member: Node): Node {
    let root = member;
    for (let from = this.from(root); from !== undefined; from = this.from(root)) root = from;
    return root;
  }
}

export function closureOf<Node extends number>(edges: Edges<Node>, roots: Iterable<NoInfer<Node>>): Closure<Node> {
  const from = columnOf<Node | typeof ROOT | typeof OUTSIDE, Int32Array>(
    new Int32Array(edges.offsets.length - 1).fill(OUTSIDE),
  );
  const members: Node[] = [];
  for (const root of roots) {
    if (from[root] !== OUTSIDE) continue;
    from[root] = ROOT;
    members.push(root);
  }
  for (const node of members) {
    for (const target of targetsOf(edges, node)) {
      if (from[target] !== OUTSIDE) continue;
      from[target] = node;
      members.push(target);
    }
  }
  return new Closure(members, from);
}

/** `roots` and all that they reach, ascending. */
export function closure<Node extends number>(edges: Edges<Node>, roots: Iterable<NoInfer<Node>>): Node[] {
  return [...closureOf(edges, roots).members].sort((a, b) => a - b);
}

/** One byte a node: 1 for `roots` and all that they reach. */
export function reachable<Node extends number>(edges: Edges<Node>, roots: Iterable<NoInfer<Node>>): Uint8Array {
  const reached = new Uint8Array(edges.offsets.length - 1);
  for (const member of closureOf(edges, roots).members) reached[member] = 1;
  return reached;
}
