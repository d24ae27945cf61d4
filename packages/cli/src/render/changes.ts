/** Differences between databases, for people and as data. */

import type { FileEntry, RegularFile, SymbolicLink } from '@muster/core/model/definition';
import { OPEN_DIRECTORY } from '@muster/core/model/modes';
import type { Change, FieldChange } from '@muster/core/plan/diff/diff';
import type { FieldValue } from '@muster/core/plan/diff/fields';
import { unifiedDiff } from '@muster/core/plan/diff/unified';
import type { Colors } from './colors.ts';

const MARKS = { added: '+', removed: '-', renamed: '>', changed: '~' } as const;
/** Longer files are named in JSON by their length only. */
const LONGEST_TEXT = 65_536;

export interface Look {
  readonly colors: Colors;
  /** Shows how scripts and files differ. */
  readonly content: boolean;
}

/** A line for each change, and with `content` the files' differences below it. */
export function renderChanges(changes: readonly Change[], { colors, content }: Look): string {
  const paint = { added: colors.green, removed: colors.red, renamed: colors.cyan, changed: colors.yellow };
  const width = Math.max(0, ...changes.map(({ service }) => service.length));
  const lines = changes.flatMap((change) => {
    const head = `  ${paint[change.kind](`${MARKS[change.kind]} ${change.service.padEnd(width)}`)}  ${headline(change)}`;
    return [
      head.trimEnd(),
      ...(content ? change.fields.flatMap((field) => contentLines(change.service, field, colors)) : []),
    ];
  });
  return lines.map((line) => `${line}\n`).join('');
}

function headline({ kind, was, fields }: Change): string {
  const told = fields.map(fieldText).join(', ');
  switch (kind) {
    case 'added':
    case 'removed':
      return kind;
    case 'renamed':
      return told === '' ? `was ${was}` : `was ${was}; ${told}`;
    case 'changed':
      return told;
  }
}

/** `run`, `timeout-up 0 → 5000`, `dependencies +cache -db` */
function fieldText({ name, from, to }: FieldChange): string {
  if (isList(from) || isList(to)) {
    const before = isList(from) ? from : [];
    const after = isList(to) ? to : [];
    const added = after.filter((item) => !before.includes(item)).map((item) => `+${item}`);
    const removed = before.filter((item) => !after.includes(item)).map((item) => `-${item}`);
    return [name, ...added, ...removed].join(' ');
  }
  if (isEntry(from) || isEntry(to)) return entryText(name, from, to);
  if (isWords(from) || isWords(to)) return name;
  if (typeof to === 'boolean') return to ? `${name} set` : `${name} unset`;
  return `${name} ${shown(from)} → ${shown(to)}`;
}

/** `data/conf`, `data/conf mode 600 → 644`, `data/conf -> old → -> new`, `data/conf added` */
function entryText(name: string, from: FieldValue, to: FieldValue): string {
  if (from === null) return isLink(to) ? `${name} added ${shown(to)}` : `${name} added`;
  if (to === null) return isLink(from) ? `${name} removed ${shown(from)}` : `${name} removed`;
  if (!isEntry(from) || !isEntry(to)) return name;
  if (from.kind !== to.kind || isLink(from)) return `${name} ${shown(from)} → ${shown(to)}`;
  if (isLink(to) || from.mode === to.mode) return name;
  const mode = `mode ${from.mode.toString(8)} → ${to.mode.toString(8)}`;
  return isFile(from) && isFile(to) && !sameBytes(from.content, to.content) ? `${name}, ${mode}` : `${name} ${mode}`;
}

function contentLines(service: string, { name, from, to }: FieldChange, colors: Colors): string[] {
  const before = textOf(from);
  const after = textOf(to);
  if (before === null || after === null) return [];
  const body = unifiedDiff(before, after).map((line) => paintLine(line, colors));
  if (body.length === 0) return [];
  return [colors.bold(`    --- a/${service}/${name}`), colors.bold(`    +++ b/${service}/${name}`), ...body];
}

function paintLine(line: string, colors: Colors): string {
  const paint = { '-': colors.red, '+': colors.green, '@': colors.cyan }[line[0]!];
  return `    ${paint === undefined ? line : paint(line)}`;
}

/** Null means not a text. */
function textOf(value: FieldValue): string | null {
  if (value === null) return '';
  if (isWords(value)) return value.words.map((word) => `${quoted(word)}\n`).join('');
  if (isLink(value)) return `${shown(value)}\n`;
  if (!isFile(value)) return null;
  const text = Buffer.from(value.content).toString('utf8');
  return Buffer.from(text).equals(value.content) && !text.includes('\0') ? text : null;
}

function quoted(word: Uint8Array): string {
  return JSON.stringify(Buffer.from(word).toString('utf8'));
}

function shown(value: FieldValue): string {
  if (!isEntry(value)) return value === null || value === '' ? 'none' : String(value);
  switch (value.kind) {
    case 'file':
      return 'a file';
    case 'directory':
      return value.mode === OPEN_DIRECTORY ? 'an empty directory' : `a directory of mode 0${value.mode.toString(8)}`;
    case 'link':
      return `-> ${value.target}`;
  }
}

function isList(value: FieldValue): value is readonly string[] {
  return Array.isArray(value);
}

function isWords(value: FieldValue): value is { readonly words: readonly Uint8Array[] } {
  return typeof value === 'object' && value !== null && 'words' in value;
}

function isEntry(value: FieldValue): value is FileEntry {
  return typeof value === 'object' && value !== null && 'kind' in value;
}

function isFile(value: FieldValue): value is RegularFile {
  return isEntry(value) && value.kind === 'file';
}

function isLink(value: FieldValue): value is SymbolicLink {
  return isEntry(value) && value.kind === 'link';
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.from(a).equals(b);
}

/** A field's value in JSON: texts as they are, argument vectors as lists, other bytes as what they are. */
export function valueAsData(value: FieldValue): unknown {
  if (isWords(value)) return value.words.map((word) => Buffer.from(word).toString('utf8'));
  if (!isEntry(value)) return value;
  if (!isFile(value)) return shown(value);
  const text = value.content.length > LONGEST_TEXT ? null : textOf(value);
  return text ?? `${value.content.length} bytes`;
}
