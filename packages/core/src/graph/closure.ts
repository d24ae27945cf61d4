/** Everything that can be reached along edges, and the way there. */
import { type Edges, targetsOf } from './edges.ts';

const ROOT = -1;

export class Closure<Node extends number> {
  /** In the order in which they were reached: nearest first. */
  readonly members: readonly Node[];
  readonly #from: ReadonlyMap<Node, Node | typeof ROOT>;

  constructor(members: readonly Node[], from: ReadonlyMap<Node, Node | typeof ROOT>) {
    this.members = members;
    this.#from = from;
  }

  has(node: Node): boolean {
    return this.#from.has(node);
  }

  isRoot(node: Node): boolean {
    return this.#from.get(node) === ROOT;
  }

  /** The member from which `node` was reached; undefined if it was not, being a root or outside. */
  from(node: Node): Node | undefined {
    const from = this.#from.get(node);
    return from === ROOT ? undefined : (from as Node | undefined);
  }

  /** The root from which `member` was reached, possibly itself. */
  rootOf(member: Node): Node {
    let root = member;
    for (let from = this.from(root); from !== undefined; from = this.from(root)) root = from;
    return root;
  }
}

/**
 * What `roots` reach. As much work as there are members, however large the graph is: a plan asks this again and again of a few.
 * `outside`: nodes that do not count, nor what is reached only by them.
 */
export function closureOf<Node extends number>(
  edges: Edges<Node>,
  roots: Iterable<NoInfer<Node>>,
  outside: { has(node: NoInfer<Node>): boolean } = NOTHING,
): Closure<Node> {
  const from = new Map<Node, Node | typeof ROOT>();
  const members: Node[] = [];
  const join = (node: Node, because: Node | typeof ROOT) => {
    if (from.has(node) || outside.has(node)) return;
    from.set(node, because);
    members.push(node);
  };
  for (const root of roots) join(root, ROOT);
  for (const node of members) for (const target of targetsOf(edges, node)) join(target, node);
  return new Closure(members, from);
}

const NOTHING: ReadonlySet<number> = new Set();

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
