/** The report of an import as text: what differs line by line, and what is said of many directives once. */
import type { EntryResult, ImportReport, ReportEntry } from '@muster/import/account/directive';
import type { SourceChange } from '@muster/import/write/update';
import { counted } from './count.ts';
import { visible } from './visible.ts';

/** Of which one thing is said more often than this, it is said once. */
const FOLDED = 3;
const LONGEST = 60;

export function reportAsText({ entries }: ImportReport, which: 'all' | 'what differs'): string {
  const shown = which === 'all' ? entries : entries.filter(differs);
  const lines: string[] = [];
  for (const [result, alike] of inKinds(shown)) {
    if (alike.length <= FOLDED || which === 'all') lines.push(...alike.map(lineOf));
    else lines.push(`${result.padEnd(7)}  ${counted(alike.length, 'directive')}: ${folded(alike)}`);
  }
  return lines.map((line) => `${visible(line)}\n`).join('');
}

/** Also what is taken, and could be said better. */
function differs({ result, hint }: ReportEntry): boolean {
  return result === 'told' || result === 'changed' || hint !== '';
}

/** Those of one result of which the same is said, in the order of the first of each. */
function inKinds(entries: readonly ReportEntry[]): (readonly [EntryResult, readonly ReportEntry[]])[] {
  const kinds = new Map<string, ReportEntry[]>();
  for (const entry of entries) {
    const kind = `${entry.result} ${entry.message}`;
    const alike = kinds.get(kind) ?? [];
    alike.push(entry);
    kinds.set(kind, alike);
  }
  return [...kinds.values()].flatMap((alike) => (alike[0] === undefined ? [] : [[alike[0].result, alike] as const]));
}

function folded(alike: readonly ReportEntry[]): string {
  const keys = new Map<string, number>();
  for (const { key, section } of alike) {
    const name = key === '' ? section : key;
    keys.set(name, (keys.get(name) ?? 0) + 1);
  }
  const named = [...keys].map(([key, count]) => (count === 1 ? key : `${key} (${count})`));
  return `${alike[0]?.message ?? ''}: ${named.join(', ')}`;
}

function lineOf({ result, file, line, section, key, value, into, message, hint }: ReportEntry): string {
  const said = key === '' ? section || value : value === '' ? key : `${key}=${short(value)}`;
  const where = into.length === 0 ? '' : ` (${into.join(', ')})`;
  const what = message === '' ? where : `: ${message}${where}`;
  return `${result.padEnd(7)}  ${file}:${line} ${said}${what}${hint === '' ? '' : `; ${hint}`}`;
}

function short(value: string): string {
  const line = value.replaceAll(/\s*\n\s*/g, ' ');
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}

export function changesAsText(changes: readonly SourceChange[]): string {
  const marks = { add: '+', replace: '~', remove: '-', edited: '!' };
  return changes
    .map(
      ({ kind, path }) =>
        `${marks[kind]} ${visible(path)}${kind === 'edited' ? ': was edited since, and is left' : ''}\n`,
    )
    .join('');
}

/** `source`: null if nothing was written. */
export function reportSummary({ entries }: ImportReport, services: number, source: string | null): string {
  const count = (result: EntryResult) => entries.filter((entry) => entry.result === result).length;
  const counts = `${count('taken')} taken, ${count('changed')} changed, ${count('told')} told, ${count('ignored')} ignored`;
  const done =
    source === null
      ? `would import ${counted(services, 'service')}`
      : `imported ${counted(services, 'service')} to ${visible(source)}`;
  return `${done}: ${counted(entries.length, 'directive')}, ${counts}\n`;
}
