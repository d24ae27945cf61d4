/**
 * Where pairs of nodes meet: every node from which both of a pair can be reached, itself counted, while from none of its own
 * targets both can. A circle counts as one node. Of n pairs along a chain, to look for each in the whole graph would be
 * quadratic, so that most is told without a walk:
 *
 *     one of a pair is a target of the other                they meet there, and nowhere else
 *     no edges connect the two                              they meet nowhere
 *     a node is in no pair, and leads to one place          it meets nothing that this place does not: left out
 *     a node is in a pair, and alone leads to one place     nothing meets between the two: one place
 *
 * What is left is walked through, targets first, once for every 16 pairs. Nodes and places are indices of the arrays that are
 * looked into with them, which is what each `!` says.
 */
import { components } from './components.ts';
import { EdgeList } from './edge-list.ts';
import { type Edges, nodesOf, targetsOf } from './edges.ts';

export type Pair<Node extends number> = readonly [first: Node, second: Node];

const NONE = -1;
/** Two bits a pair fit into the integers that bitwise operators work on. */
const PAIRS_AT_ONCE = 16;
const FIRST_BITS = 0x55555555;

/** In the order of `pairs`. Returns through how many places the walks went, by which a test sees how that grows. */
export function eachMeeting<Node extends number>(
  edges: Edges<Node>,
  pairs: readonly Pair<Node>[],
  found: (node: Node, pair: Pair<Node>) => void,
): number {
  const meetings = new Map<number, Node[]>();
  const note = (at: number, node: Node) => {
    const nodes = meetings.get(at);
    if (nodes === undefined) meetings.set(at, [node]);
    else nodes.push(node);
  };
  const { of, count } = components(edges);
  const circles = condensed(edges, of, count);
  const far = pairsFarApart(circles, of, pairs, note);
  const walked = far.length === 0 ? 0 : walkAll(circles, of, pairs, far, note);
  for (const [at, pair] of pairs.entries()) for (const node of meetings.get(at) ?? []) found(node, pair);
  return walked;
}

type Note<Node> = (pair: number, node: Node) => void;

/** One node for each circle. */
interface Condensed<Node> {
  /** Each leads to lower numbers only. */
  readonly edges: Edges;
  /** A member of each. */
  readonly member: readonly Node[];
  readonly size: Uint32Array;
}

function condensed<Node extends number>(edges: Edges<Node>, of: Uint32Array, count: number): Condensed<Node> {
  const list = new EdgeList();
  const member: Node[] = [];
  const size = new Uint32Array(count);
  for (const node of nodesOf(edges)) {
    const own = of[node]!;
    if (size[own]!++ === 0) member[own] = node;
    for (const target of targetsOf(edges, node)) if (of[target] !== own) list.add(own, of[target]!);
  }
  return { edges: list.build(count).edges, member, size };
}

/** Those for which more has to be looked at than themselves. */
function pairsFarApart<Node extends number>(
  { edges, size }: Condensed<Node>,
  of: Uint32Array,
  pairs: readonly Pair<Node>[],
  note: Note<Node>,
): number[] {
  const parts = partsOf(edges);
  const far: number[] = [];
  for (const [at, [first, second]] of pairs.entries()) {
    const [a, b] = [of[first]!, of[second]!];
    if (a === b) {
      if (first === second && size[a] === 1) note(at, first);
    } else if (leadsTo(edges, Math.max(a, b), Math.min(a, b))) note(at, a > b ? first : second);
    else if (parts[a] === parts[b]) far.push(at);
  }
  return far;
}

function leadsTo(edges: Edges, from: number, to: number): boolean {
  const targets = targetsOf(edges, from);
  let [low, high] = [0, targets.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (targets[middle]! < to) low = middle + 1;
    else high = middle;
  }
  return targets[low] === to;
}

/** By node: the lowest of all that edges connect it with, either way. */
function partsOf(edges: Edges): Uint32Array {
  const parts = Uint32Array.from(nodesOf(edges));
  const partOf = (node: number): number => {
    let part = node;
    while (parts[part] !== part) part = parts[part] = parts[parts[part]!]!;
    return part;
  };
  for (const node of nodesOf(edges)) {
    for (const target of targetsOf(edges, node)) {
      const [one, other] = [partOf(node), partOf(target)];
      parts[Math.max(one, other)] = Math.min(one, other);
    }
  }
  return parts.map((_, node) => partOf(node));
}

/** What is left of a graph for pairs that are far apart. */
interface Places {
  /** By node: the place that meets what it meets, or NONE. */
  readonly placeOf: Int32Array;
  /** By place: the lowest node in it. */
  readonly bottom: readonly number[];
  /** By place: to which ones it leads, all of them lower. */
  readonly rows: readonly (readonly number[])[];
}

function placesOf(edges: Edges, isEnd: Uint8Array): Places {
  const keptAs = new Int32Array(isEnd.length).fill(NONE);
  const kept: number[] = [];
  const rows: number[][] = [];
  for (const node of nodesOf(edges)) {
    const row = new Set<number>();
    for (const target of targetsOf(edges, node)) if (keptAs[target] !== NONE) row.add(keptAs[target]!);
    if (isEnd[node] === 0 && row.size < 2) {
      for (const only of row) keptAs[node] = only;
      continue;
    }
    keptAs[node] = kept.push(node) - 1;
    rows.push([...row]);
  }
  const uses = new Uint32Array(kept.length);
  for (const row of rows) for (const target of row) uses[target]!++;
  const bottom: number[] = [];
  const places: number[][] = [];
  const placeOfKept = new Int32Array(kept.length);
  for (const [at, row] of rows.entries()) {
    const [only] = row;
    if (row.length === 1 && only !== undefined && uses[only] === 1) {
      placeOfKept[at] = placeOfKept[only]!;
      continue;
    }
    placeOfKept[at] = places.push(row.map((target) => placeOfKept[target]!)) - 1;
    bottom.push(kept[at]!);
  }
  return { placeOf: keptAs.map((at) => (at === NONE ? NONE : placeOfKept[at]!)), bottom, rows: places };
}

function walkAll<Node extends number>(
  { edges, member }: Condensed<Node>,
  of: Uint32Array,
  pairs: readonly Pair<Node>[],
  far: readonly number[],
  note: Note<Node>,
): number {
  const isEnd = new Uint8Array(member.length);
  for (const at of far) for (const node of pairs[at]!) isEnd[of[node]!] = 1;
  const { placeOf, bottom, rows } = placesOf(edges, isEnd);
  const placeOfNode = (node: Node) => placeOf[of[node]!]!;
  const parts = partsOf(edges);
  const placesIn = Map.groupBy(rows.keys(), (place) => parts[bottom[place]!]!);
  const apart = far.filter((at) => {
    const [first, second] = pairs[at]!;
    if (placeOfNode(first) !== placeOfNode(second)) return true;
    note(at, of[first]! > of[second]! ? first : second);
    return false;
  });
  const needed = new Uint32Array(rows.length);
  let walked = 0;
  for (const [part, chosen] of Map.groupBy(apart, (at) => parts[of[pairs[at]![0]]!]!)) {
    const places = placesIn.get(part) ?? [];
    for (let start = 0; start < chosen.length; start += PAIRS_AT_ONCE) {
      const block = chosen.slice(start, start + PAIRS_AT_ONCE);
      walked += places.length;
      for (const place of places) needed[place] = 0;
      for (const [i, at] of block.entries()) {
        needed[placeOfNode(pairs[at]![0])]! |= 1 << (2 * i);
        needed[placeOfNode(pairs[at]![1])]! |= 2 << (2 * i);
      }
      spread(rows, places, needed, (place, bits) => {
        for (const [i, at] of block.entries()) {
          if (((bits >>> (2 * i)) & 1) === 0) continue;
          const end = pairs[at]!.find((node) => placeOfNode(node) === place);
          note(at, end ?? member[bottom[place]!]!);
        }
      });
    }
  }
  return walked;
}

function spread(
  rows: Places['rows'],
  places: readonly number[],
  needed: Uint32Array,
  found: (place: number, bits: number) => void,
): void {
  for (const place of places) {
    let mine = needed[place]!;
    let both = 0;
    for (const target of rows[place]!) {
      const theirs = needed[target]!;
      mine |= theirs;
      both |= theirs & (theirs >>> 1);
    }
    needed[place] = mine;
    const fresh = mine & (mine >>> 1) & ~both & FIRST_BITS;
    if (fresh !== 0) found(place, fresh);
  }
}
