/** Diagnostics as text and as JSON: the one place that knows what they look like. */
import type { Diagnostic, Place } from '@muster/core/diagnostics/diagnostic';
import { readRegularText } from '@muster/posix/regular-file';
import { runtime } from '@muster/posix/runtime/runtime';
import { type Colors, colorsFor } from './colors.ts';
import { visible } from './visible.ts';

interface Look {
  readonly color: boolean;
  /** Shows the line at fault, where there is one. */
  readonly excerpt?: (place: Place) => string | null;
}

/**
 *     error[RC1001]: nothing defines datbase, which web needs
 *       source/web/dependencies.d/datbase
 *       hint: did you mean database?
 */
export function renderDiagnostics(diagnostics: readonly Diagnostic[], { color, excerpt = excerptOf }: Look): string {
  const colors = colorsFor(color);
  return diagnostics.map((diagnostic) => `${render(diagnostic, colors, excerpt)}\n`).join('');
}

function render(diagnostic: Diagnostic, colors: Colors, excerpt: (place: Place) => string | null): string {
  const paint = diagnostic.severity === 'error' ? colors.red : colors.yellow;
  const lines = [
    `${colors.bold(paint(`${diagnostic.severity}[${diagnostic.code}]`))}: ${colors.bold(visible(diagnostic.message))}`,
  ];
  const { at, notes, hint } = diagnostic;
  const pathShown = notes.some(
    (note) => note.at !== undefined && at !== undefined && showPlace(note.at) === showPlace(at),
  );
  if (at !== undefined && !pathShown) {
    lines.push(`  ${colors.cyan(showPlace(at))}`);
    if (at.column !== undefined) {
      const line = excerpt(at);
      if (line !== null) lines.push(`  | ${line}`, `  | ${paint(`${blanksLike(line, at.column)}^`)}`);
    }
  }
  const width = Math.max(0, ...notes.map((note) => (note.at === undefined ? 0 : showPlace(note.at).length)));
  for (const note of notes) {
    const place = note.at === undefined ? '' : showPlace(note.at);
    lines.push(`  ${colors.cyan(place)}${' '.repeat(width - place.length)}    ${visible(note.message)}`);
  }
  if (hint !== undefined) lines.push(`  ${colors.green('hint')}: ${visible(hint)}`);
  return lines.join('\n');
}

/** `file`, `file:line` or `file:line:column`. */
function showPlace({ file, line, column }: Place): string {
  return [visible(file), line, column].filter((part) => part !== undefined).join(':');
}

/** So much blank that what follows stands below the column: tabs are as wide as above, and some characters are two wide. */
function blanksLike(line: string, column: number): string {
  const before = [...line].slice(0, column - 1);
  return before.map((character) => (character === '\t' ? '\t' : ' '.repeat(runtime.columnsOf(character)))).join('');
}

const LONGEST_EXCERPT = 160;

function excerptOf({ file, line }: Place): string | null {
  if (line === undefined) return null;
  try {
    const text = readRegularText(file, { follow: true }).split('\n')[line - 1];
    return text === undefined || text.length > LONGEST_EXCERPT || /[^\P{C}\t]/u.test(text) ? null : text;
  } catch {
    return null;
  }
}

/** The shape of `diagnostics` in every `--json` answer. */
export function diagnosticsAsData(diagnostics: readonly Diagnostic[]) {
  return diagnostics.map(({ code, severity, message, at, notes, hint }) => ({
    code,
    severity,
    message,
    at: at === undefined ? null : placeAsData(at),
    notes: notes.map((note) => ({ message: note.message, at: note.at === undefined ? null : placeAsData(note.at) })),
    hint: hint ?? null,
  }));
}

function placeAsData({ file, line, column }: Place) {
  return { file, line: line ?? null, column: column ?? null };
}
