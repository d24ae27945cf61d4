/** Timelines: as bars of text, and as a picture. */

import type { Bar, Timeline } from '@muster/control/timeline';
import { formatDuration } from '../duration.ts';
import { colorsFor } from './colors.ts';
import { escaped, round } from './svg.ts';

/** Eighths of a cell, from none to seven. */
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
const WORDS: Readonly<Record<Bar['how'], string>> = {
  up: '',
  ready: '',
  down: 'down',
  failed: 'failed',
  reloaded: 'reloaded',
  died: 'died since',
  unfinished: 'did not end',
};

export function timelineText(
  timeline: Timeline,
  { width, color }: { readonly width: number; readonly color: boolean },
): string {
  const colors = colorsFor(color);
  const { bars, duration } = timeline;
  const nameWidth = Math.min(32, Math.max(0, ...bars.map(({ name }) => name.length)));
  const room = Math.max(20, width - nameWidth - 26);
  const cells = (time: number) => (time / duration) * room;
  const lines = bars.map((bar) => {
    const drawn = `${' '.repeat(Math.floor(cells(bar.began)))}${blocks(cells(bar.ended - bar.began))}`;
    const paint = isBad(bar) ? colors.red : bar.critical ? colors.yellow : colors.blue;
    const took = formatDuration(bar.ended - bar.began).padStart(8);
    const mark = bar.critical ? '*' : ' ';
    const head = `${short(bar.name, nameWidth).padEnd(nameWidth)} ${mark} ${took}`;
    return `${head}  ${paint(drawn)}${WORDS[bar.how] === '' ? '' : ` ${WORDS[bar.how]}`}`.trimEnd();
  });
  const began = new Date(timeline.began).toISOString();
  const slowest = [...bars].sort((a, b) => b.ended - b.began - (a.ended - a.began)).slice(0, 5);
  const chain = bars.filter(({ critical }) => critical);
  return [
    colors.bold(`${timeline.command}, ${began}, ${formatDuration(duration)}`),
    ...lines,
    '',
    `critical chain (*): ${chain.map(({ name }) => name).join(' → ')}`,
    `slowest: ${slowest.map((bar) => `${bar.name} ${formatDuration(bar.ended - bar.began)}`).join(', ')}`,
    '',
  ].join('\n');
}

function isBad({ how }: Pick<Bar, 'how'>): boolean {
  return how === 'failed' || how === 'died';
}

function blocks(cells: number): string {
  const eighths = Math.max(1, Math.round(cells * 8));
  return '█'.repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8]!;
}

function short(name: string, width: number): string {
  return name.length <= width ? name : `${name.slice(0, width - 1)}…`;
}

const ROW = 22;
const TOP = 88;
const PLOT = 860;
const FONT = "font-family='ui-sans-serif, system-ui, Helvetica, Arial, sans-serif'";

/** A picture of its own, light or dark as its reader's surroundings are. */
export function timelineSvg(timeline: Timeline): string {
  const { bars, duration } = timeline;
  const left = 24 + Math.min(260, 7.2 * Math.max(4, ...bars.map(({ name }) => name.length)));
  const width = left + PLOT + 110;
  const height = TOP + bars.length * ROW + 56;
  const x = (time: number) => left + (time / duration) * PLOT;
  const parts = [
    `<svg xmlns='http://www.w3.org/2000/svg' width='${width}' height='${height}' viewBox='0 0 ${width} ${height}' ${FONT} font-size='12'>`,
    STYLE,
    `<rect class='paper' width='${width}' height='${height}' rx='8'/>`,
    `<text class='title' x='24' y='32' font-size='16' font-weight='600'>${escaped(timeline.command)}</text>`,
    `<text class='quiet' x='24' y='52'>${new Date(timeline.began).toISOString()} · ${bars.length} steps · ${formatDuration(duration)}</text>`,
    ...ticks(duration).map((time) => tick(x(time), time, TOP + bars.length * ROW)),
    ...bars.map((bar, row) => barSvg(bar, row, { left, start: x(bar.began), end: x(bar.ended) })),
    legend(24, height - 22),
    '</svg>',
  ];
  return `${parts.join('\n')}\n`;
}

const STYLE = `<style>
.paper{fill:#ffffff}.title{fill:#1f2430}.name{fill:#1f2430}.quiet{fill:#6b7280}
.grid{stroke:#e5e7eb;stroke-width:1}.stripe{fill:#f6f7f9}
.up{fill:#5b8def}.down{fill:#9aa5b8}.failed{fill:#d64550}.critical{fill:#e8963a}.unfinished{fill:#c9b458}.ready{fill:#5b8def;opacity:.13}
@media (prefers-color-scheme:dark){.paper{fill:#16181d}.title,.name{fill:#e6e8ec}.quiet{fill:#8d95a5}
.grid{stroke:#2b2f38}.stripe{fill:#1b1e24}}
</style>`;

function barSvg(
  bar: Bar,
  row: number,
  place: { readonly left: number; readonly start: number; readonly end: number },
): string {
  const { left, start, end } = place;
  const y = TOP + row * ROW;
  const kind = classOf(bar);
  const width = Math.max(2, end - start);
  const took = formatDuration(bar.ended - bar.began);
  const word = WORDS[bar.how] === '' ? '' : ` ${WORDS[bar.how]}`;
  const weight = bar.critical ? " font-weight='600'" : '';
  const stripe =
    row % 2 === 0 ? '' : `<rect class='stripe' x='12' y='${y}' width='${left + PLOT + 86}' height='${ROW}'/>`;
  const isUp = bar.how === 'up' || bar.how === 'ready';
  const ready = `<rect class='ready' x='${round(start + width)}' y='${y + 4}' width='${round(Math.max(0, left + PLOT - start - width))}' height='${ROW - 8}' rx='3'/>`;
  return `${stripe}${isUp ? ready : ''}<text class='name' x='${left - 12}' y='${y + 15}' text-anchor='end'${weight}>${escaped(short(bar.name, 36))}</text><rect class='${kind}' x='${round(start)}' y='${y + 4}' width='${round(width)}' height='${ROW - 8}' rx='3'><title>${escaped(bar.name)}: ${took}${word}</title></rect><text class='quiet' x='${round(start + width + 6)}' y='${y + 15}' font-size='11'>${took}${word}</text>`;
}

function classOf({ how, critical }: Bar): string {
  if (isBad({ how })) return 'failed';
  if (how === 'unfinished') return how;
  if (critical) return 'critical';
  return how === 'down' ? 'down' : 'up';
}

/** About eight round times from nothing to the end. */
function ticks(duration: number): number[] {
  const raw = duration / 8;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= raw)!;
  const times: number[] = [];
  for (let time = 0; time <= duration; time += step) times.push(time);
  return times;
}

function tick(x: number, time: number, bottom: number): string {
  const label = time === 0 ? '0' : formatDuration(time);
  return `<line class='grid' x1='${round(x)}' y1='${TOP - 4}' x2='${round(x)}' y2='${bottom}'/><text class='quiet' x='${round(x)}' y='${TOP - 9}' text-anchor='middle' font-size='11'>${label}</text>`;
}

function legend(x: number, y: number): string {
  const entries = [
    ['up', 'starts', 70],
    ['ready', 'is up', 66],
    ['critical', 'critical chain', 116],
    ['down', 'stops', 70],
    ['failed', 'failed', 70],
  ] as const;
  let at = x;
  return entries
    .map(([kind, word, room]) => {
      const entry = `<rect class='${kind}' x='${at}' y='${y - 10}' width='12' height='12' rx='3'/><text class='quiet' x='${at + 18}' y='${y}'>${word}</text>`;
      at += room;
      return entry;
    })
    .join('');
}
