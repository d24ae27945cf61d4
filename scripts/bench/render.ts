/** The table of a run, as Markdown, and docs/benchmarks.md with it. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Machine } from './shared/machine.ts';
import { type Measured, MUSTER, type Row } from './shared/row.ts';

export interface Run {
  readonly machine: Machine;
  readonly rows: readonly Row[];
}

const HEAD = ['', 'median', 'least … most', 'first row ÷ this', 'must'];

export function tableOf(rows: readonly Row[]): string {
  const lines = rows.flatMap((row) => [
    [`**${row.title}**, ${row.unit}, ${row.rounds} ${row.rounds === 1 ? 'round' : 'rounds'}`, '', '', '', ''],
    ...row.sides.map((side) => lineOf(row, side)),
  ]);
  const all = [HEAD, HEAD.map((_, column) => (column === 0 ? '---' : '--:')), ...lines];
  const widths = HEAD.map((_, column) => Math.max(...all.map((cells) => cells[column]?.length ?? 0)));
  return all
    .map((cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`)
    .join('\n');
}

function lineOf(row: Row, side: Measured): string[] {
  const ours = row.sides.find(({ who }) => who === MUSTER) ?? row.sides[0];
  const ratio = ours === undefined || ours === side || side.median === 0 ? '' : (ours.median / side.median).toFixed(2);
  const bars = row.bars.filter(({ of }) => of === side.who);
  const must = bars.map(({ ours: who, atMost, ratio: reached, isHeld }) => {
    const mine = who === undefined ? '' : `${who}: `;
    return `${mine}${reached.toFixed(2)} of at most ${atMost.toFixed(2)}: ${isHeld ? 'held' : 'missed'}`;
  });
  return [side.who, figure(side.median), `${figure(side.least)} … ${figure(side.most)}`, ratio, must.join('; ')];
}

function figure(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

const BEGIN = '<!-- The rest of this section is written by `npm run bench -- --page docs/benchmarks.md`. -->';
const END = '<!-- Up to here. -->';

/** Puts the run into the page at `path`, between its two marks. Throws if they are not there. */
export function writePage(path: string, { machine, rows }: Run): void {
  const page = readFileSync(path, 'utf8');
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin === -1 || end < begin) throw new Error(`${path} has no place for a run: '${BEGIN}' … '${END}'`);
  const missed = rows.flatMap((row) => row.bars.filter(({ isHeld }) => !isHeld).map(() => row.title));
  const text = `${BEGIN}

Measured on ${machine.processors}, ${machine.memory}, ${machine.kernel}, ${machine.runtime}, beside ${listed(machine.peers)}; the load
average was ${machine.load} when it began. All sides of a row take turns, and a bar is judged by the median of the ratios of single rounds.
Daemons only pause. ${missed.length === 0 ? 'Every bar is held.' : `Missed: ${listed([...new Set(missed)])}.`}

${tableOf(rows)}

`;
  writeFileSync(path, page.slice(0, begin) + text + page.slice(end));
}

function listed(words: readonly string[]): string {
  return words.length === 0 ? 'nothing' : words.join(', ');
}
