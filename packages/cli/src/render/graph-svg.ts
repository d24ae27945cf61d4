/**
 * The graph of services as a picture: who needs something stands left of what it needs. Dagre ranks the services and
 * routes the edges; what it looks like is decided here.
 */
import { layout } from '@dagrejs/dagre';
import { Graph } from '@dagrejs/graphlib';
import { hasFlag, nameOf, ONESHOT, type ServiceId } from '@muster/core/model/database';
import { type Arrow, arrowsAmong, drawable, STATE_COLORS, type Subject } from './graph.ts';
import { escaped, round } from './svg.ts';

/** Services that dagre lays out in a few seconds. Of more nobody would see anything. */
export const MOST_IN_A_PICTURE = 1000;

/** Pixels. */
const HEIGHT = 30;
const PADDING = 14;
const MARGIN = 20;
const LEGEND = 34;
/** Of a sans-serif letter at 13 pixels, on the wide side: a name must not stick out of its box. */
const LETTER = 7.6;
const LONGEST_LABEL = 40;

interface Point {
  readonly x: number;
  readonly y: number;
}

interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

interface Line {
  readonly points: readonly Point[];
}

/** How each kind of edge is drawn, and what it means, for the legend. */
const LINES: Readonly<Record<Arrow['kind'], { readonly style: string; readonly meaning: string }>> = {
  needs: { style: "marker-end='url(#tip)'", meaning: 'needs' },
  wants: { style: "stroke-dasharray='6 4' marker-end='url(#tip)'", meaning: 'wants' },
  after: { style: "stroke-dasharray='2 4' marker-end='url(#tip)'", meaning: 'after' },
  pipe: { style: "stroke-width='3' marker-end='url(#tip)'", meaning: 'writes to' },
  conflicts: { style: "stroke='#d64550'", meaning: 'conflicts' },
};

/** At most MOST_IN_A_PICTURE services. */
export function renderSvg(subject: Subject, shown: readonly ServiceId[]): string {
  const arrows = [...arrowsAmong(subject.database, shown)];
  const { boxes, lines, width, height } = place(subject, shown, arrows);
  const kinds = new Set(arrows.map(({ arrow }) => arrow.kind));
  const states = new Set([...(subject.states?.values() ?? [])].filter((state) => STATE_COLORS.has(state)));
  const legend = renderLegend([...kinds], [...states], height + 8);
  const wide = round(Math.max(width, legend.width));
  const parts = [
    `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 ${wide} ${round(height + LEGEND)}' width='${wide}' height='${round(height + LEGEND)}' font-family='system-ui,sans-serif' font-size='13' role='img' aria-label='services and what they need'>`,
    STYLE,
    `<rect class='paper' width='100%' height='100%'/>`,
    ...arrows.map(({ arrow }, index) => renderLine(arrow.kind, lines[index]!)),
    ...shown.map((id, index) => renderService(subject, id, boxes[index]!)),
    legend.text,
    '</svg>',
  ];
  return `${parts.join('\n')}\n`;
}

const STYLE = `<defs><marker id='tip' viewBox='0 0 8 8' refX='7' refY='4' markerWidth='8' markerHeight='8' markerUnits='userSpaceOnUse' orient='auto'><path class='tip' d='M0 0L8 4L0 8z'/></marker></defs>
<style>
.paper{fill:#ffffff}.edge{fill:none;stroke:#8a93a3;stroke-width:1.3}.tip{fill:#8a93a3}
.service{fill:#f3f5f8;stroke:#5b6475;stroke-width:1.2}.essential{stroke-width:3}.name{fill:#1f2430;text-anchor:middle}.quiet{fill:#6b7280;font-size:12px}
@media (prefers-color-scheme:dark){.paper{fill:#16181d}.quiet{fill:#9aa3b2}}
</style>`;

function place(
  { database }: Subject,
  shown: readonly ServiceId[],
  arrows: readonly { readonly from: ServiceId; readonly to: ServiceId }[],
): { boxes: Box[]; lines: Line[]; width: number; height: number } {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: 'LR', nodesep: 12, edgesep: 8, ranksep: 46, marginx: MARGIN, marginy: MARGIN });
  for (const id of shown) {
    const width = labelOf(nameOf(database, id)).length * LETTER + 2 * PADDING;
    graph.setNode(`${id}`, { width: database.kinds[id] === ONESHOT ? width + HEIGHT / 2 : width, height: HEIGHT });
  }
  for (const [index, { from, to }] of arrows.entries()) graph.setEdge(`${from}`, `${to}`, {}, `${index}`);
  layout(graph);
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  return {
    boxes: shown.map((id) => graph.node(`${id}`) as Box),
    lines: arrows.map(({ from, to }, index) => graph.edge(`${from}`, `${to}`, `${index}`) as Line),
    width: Math.max(0, width),
    height: Math.max(0, height),
  };
}

function labelOf(name: string): string {
  const letters = [...drawable(name)];
  return letters.length <= LONGEST_LABEL ? letters.join('') : `${letters.slice(0, LONGEST_LABEL - 1).join('')}…`;
}

/** Longruns are boxes, oneshots have round ends, what is essential a thick border; as in the other formats. */
function renderService({ database, states }: Subject, id: ServiceId, { x, y, width, height }: Box): string {
  const name = nameOf(database, id);
  const state = states?.get(id);
  const color = state === undefined ? undefined : STATE_COLORS.get(state);
  const fill = color === undefined ? '' : ` style='fill:${color}'`;
  const kind = hasFlag(database, id, 'essential') ? 'service essential' : 'service';
  const corner = database.kinds[id] === ONESHOT ? height / 2 : 4;
  const title = escaped(`${drawable(name)}${state === undefined ? '' : `: ${state}`}`);
  const box = `x='${round(x - width / 2)}' y='${round(y - height / 2)}' width='${round(width)}' height='${height}'`;
  const text = `<text class='name' x='${round(x)}' y='${round(y + 4.5)}'>${escaped(labelOf(name))}</text>`;
  return `<g><title>${title}</title><rect class='${kind}' ${box} rx='${corner}'${fill}/>${text}</g>`;
}

/** Through the middles between dagre's points, so that an edge bends and has no corners. */
function renderLine(kind: Arrow['kind'], { points }: Line): string {
  const [first, ...rest] = points.map(({ x, y }) => ({ x: round(x), y: round(y) }));
  const last = rest.pop()!;
  let path = `M${first!.x} ${first!.y}`;
  for (const [index, { x, y }] of rest.entries()) {
    const next = rest[index + 1];
    const end = next === undefined ? last : { x: round((x + next.x) / 2), y: round((y + next.y) / 2) };
    path += `Q${x} ${y} ${end.x} ${end.y}`;
  }
  if (rest.length === 0) path += `L${last.x} ${last.y}`;
  return `<path class='edge' d='${path}' ${LINES[kind].style}/>`;
}

/** Only what is in the picture. */
function renderLegend(
  kinds: readonly Arrow['kind'][],
  states: readonly string[],
  y: number,
): { text: string; width: number } {
  const parts: string[] = [];
  let x = MARGIN;
  const word = (text: string) => {
    parts.push(`<text class='quiet' x='${round(x)}' y='${round(y + 4)}'>${text}</text>`);
    x += text.length * LETTER + 18;
  };
  for (const kind of kinds) {
    parts.push(`<path class='edge' d='M${round(x)} ${round(y)}h28' ${LINES[kind].style}/>`);
    x += 34;
    word(LINES[kind].meaning);
  }
  for (const state of states) {
    const place = `x='${round(x)}' y='${round(y - 6)}' width='14' height='12'`;
    parts.push(`<rect class='service' ${place} rx='3' style='fill:${STATE_COLORS.get(state)}'/>`);
    x += 20;
    word(state);
  }
  return { text: parts.join('\n'), width: x };
}
