/** The graph of services: as Graphviz's dot, as Mermaid, and as a tree of lines; as a picture: graph-svg.ts. */
import { type Edges, targetsOf } from '@muster/core/graph/edges';
import { type Database, hasFlag, nameOf, ONESHOT, type ServiceId } from '@muster/core/model/database';
import { visible } from './visible.ts';

export interface Subject {
  readonly database: Database;
  /** How the services are, as rc-status says it; null if only the database is known. */
  readonly states: ReadonlyMap<ServiceId, string> | null;
}

/** Of states that one wants to see at once. */
export const STATE_COLORS: ReadonlyMap<string, string> = new Map([
  ['up', '#c8e6c9'],
  ['ready', '#c8e6c9'],
  ['done', '#c8e6c9'],
  ['starting', '#fff9c4'],
  ['stopping', '#fff9c4'],
  ['backoff', '#ffccbc'],
  ['unstable', '#ffe0b2'],
  ['blocked', '#ffccbc'],
  ['failed', '#ef9a9a'],
]);

export interface Arrow {
  readonly kind: 'needs' | 'wants' | 'after' | 'pipe' | 'conflicts';
  readonly edges: (database: Database) => Edges<ServiceId>;
  readonly dot: string;
  readonly mermaid: string;
}

/** A producer needs its consumer: that edge is drawn once, as a pipe. */
const ARROWS: readonly Arrow[] = [
  { kind: 'needs', edges: ({ needs }) => needs, dot: '', mermaid: '-->' },
  { kind: 'wants', edges: ({ wants }) => wants, dot: ' [style=dashed]', mermaid: '-.->' },
  { kind: 'after', edges: ({ after }) => after, dot: ' [style=dotted]', mermaid: '-.-o' },
  { kind: 'pipe', edges: ({ producerFor }) => producerFor, dot: ' [style=bold, arrowhead=vee]', mermaid: '==>' },
  { kind: 'conflicts', edges: ({ conflicts }) => conflicts, dot: ' [dir=none, color=red]', mermaid: 'x--x' },
];

/** Names stand for services; an edge goes from who needs, wants, comes after or produces. */
export function graphAsData({ database, states }: Subject, shown: readonly ServiceId[]) {
  return {
    version: 1,
    services: shown.map((id) => ({
      name: nameOf(database, id),
      type: database.kinds[id] === ONESHOT ? 'oneshot' : 'longrun',
      essential: hasFlag(database, id, 'essential'),
      state: states?.get(id) ?? null,
    })),
    edges: Array.from(arrowsAmong(database, shown), ({ from, to, arrow }) => ({
      from: nameOf(database, from),
      to: nameOf(database, to),
      kind: arrow.kind,
    })),
  };
}

/** Nodes are numbered, so that no name can break the syntax. */
export function renderDot({ database, states }: Subject, shown: readonly ServiceId[]): string {
  const lines = ['digraph services {', '  rankdir=LR;', '  node [fontname="sans-serif"];'];
  for (const id of shown) {
    const shape = database.kinds[id] === ONESHOT ? 'ellipse' : 'box';
    const bold = hasFlag(database, id, 'essential') ? ', penwidth=2' : '';
    const state = states?.get(id);
    const color = state === undefined ? undefined : STATE_COLORS.get(state);
    const fill = color === undefined ? '' : `, style=filled, fillcolor="${color}"`;
    const tooltip = state === undefined ? '' : `, tooltip=${dotString(state)}`;
    lines.push(`  s${id} [label=${dotString(nameOf(database, id))}, shape=${shape}${bold}${fill}${tooltip}];`);
  }
  for (const { from, to, arrow } of arrowsAmong(database, shown)) lines.push(`  s${from} -> s${to}${arrow.dot};`);
  lines.push('}');
  return `${lines.join('\n')}\n`;
}

/** Graphviz reads entities of HTML in labels, and writes what is not valid XML as it is. */
function dotString(name: string): string {
  return `"${drawable(name).replaceAll('&', '&amp;').replace(/["\\]/g, '\\$&')}"`;
}

/** Without what XML has no place for, nor a terminal. */
export function drawable(name: string): string {
  return visible(name).replace(/[\ufffe\uffff]/g, (character) => `\\u{${character.charCodeAt(0).toString(16)}}`);
}

export function renderMermaid({ database, states }: Subject, shown: readonly ServiceId[]): string {
  const lines = ['flowchart LR'];
  for (const id of shown) {
    const label = `"${mermaidText(nameOf(database, id))}"`;
    lines.push(`  s${id}${database.kinds[id] === ONESHOT ? `([${label}])` : `[${label}]`}`);
  }
  for (const { from, to, arrow } of arrowsAmong(database, shown)) lines.push(`  s${from} ${arrow.mermaid} s${to}`);
  const essential = shown.filter((id) => hasFlag(database, id, 'essential'));
  if (essential.length > 0)
    lines.push(
      '  classDef essential stroke-width:3px',
      `  class ${essential.map((id) => `s${id}`).join(',')} essential`,
    );
  for (const [state, color] of STATE_COLORS) {
    const members = shown.filter((id) => states?.get(id) === state);
    if (members.length === 0) continue;
    lines.push(`  classDef ${state} fill:${color}`, `  class ${members.map((id) => `s${id}`).join(',')} ${state}`);
  }
  return `${lines.join('\n')}\n`;
}

function mermaidText(name: string): string {
  return drawable(name).replace(/[^\p{L}\p{N} ._@+:=,/-]/gu, (character) => `#${character.codePointAt(0)};`);
}

/** Every edge between two of `shown`, once. */
export function* arrowsAmong(
  database: Database,
  shown: readonly ServiceId[],
): Generator<{ from: ServiceId; to: ServiceId; arrow: Arrow }> {
  const among = new Uint8Array(database.names.length);
  for (const id of shown) among[id] = 1;
  for (const arrow of ARROWS) {
    const edges = arrow.edges(database);
    for (const from of shown)
      for (const to of targetsOf(edges, from))
        if (among[to] === 1 && !isDrawnElsewhere(database, edges, from, to)) yield { from, to, arrow };
  }
}

function isDrawnElsewhere(database: Database, edges: Edges<ServiceId>, from: ServiceId, to: ServiceId): boolean {
  if (edges === database.conflicts) return to < from;
  return edges === database.needs && targetsOf(database.producerFor, from).includes(to);
}

/** A tree deeper than this goes on as a new one below: no terminal is wide enough for it. */
const DEEPEST = 60;

interface Level {
  readonly ids: readonly ServiceId[];
  readonly indent: string;
  next: number;
}

/**
 *     web
 *     ├─ database
 *     │  └─ disks
 *     └─ network …      (what it needs is shown elsewhere)
 */
export function renderTree(subject: Subject, roots: readonly ServiceId[]): string {
  const tree = new Tree(subject);
  tree.draw(roots);
  for (let below = tree.takeLater(); below.length > 0; below = tree.takeLater()) tree.draw(below);
  return tree.lines.join('');
}

class Tree {
  readonly lines: string[] = [];
  readonly #subject: Subject;
  readonly #expanded = new Set<ServiceId>();
  #later: ServiceId[] = [];

  constructor(subject: Subject) {
    this.#subject = subject;
  }

  /** What was too deep to be shown where it belongs. */
  takeLater(): ServiceId[] {
    const later = this.#later.filter((id) => !this.#expanded.has(id));
    this.#later = [];
    return later;
  }

  draw(roots: readonly ServiceId[]): void {
    const levels: Level[] = [{ ids: roots, indent: '', next: 0 }];
    for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
      const id = level.ids[level.next++];
      if (id === undefined) {
        levels.pop();
        continue;
      }
      const isLast = level.next === level.ids.length;
      const isRoot = levels.length === 1;
      const needs = this.#needsBelow(id, levels.length);
      const isCut = needs === null;
      this.lines.push(`${level.indent}${isRoot ? '' : isLast ? '└─ ' : '├─ '}${this.#title(id)}${isCut ? ' …' : ''}\n`);
      if (needs !== null && needs.length > 0)
        levels.push({ ids: needs, indent: isRoot ? '' : `${level.indent}${isLast ? '   ' : '│  '}`, next: 0 });
    }
  }

  /** Null if they are shown elsewhere. */
  #needsBelow(id: ServiceId, depth: number): readonly ServiceId[] | null {
    const needs = [...targetsOf(this.#subject.database.needs, id)];
    if (needs.length === 0) return needs;
    if (this.#expanded.has(id)) return null;
    if (depth > DEEPEST) {
      this.#later.push(id);
      return null;
    }
    this.#expanded.add(id);
    return needs;
  }

  #title(id: ServiceId): string {
    const { database, states } = this.#subject;
    return `${visible(nameOf(database, id))}${states === null ? '' : ` (${states.get(id)})`}`;
  }
}
