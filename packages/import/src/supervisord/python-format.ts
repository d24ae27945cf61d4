/**
 * `%(name)s` as Python's `%` operator expands it, for the conversions that a name of text or a whole number can have. What is known
 * only when the service starts is kept: the rest of the text is put in its place, so that rc-exec goes on from there.
 */
import { failure, type Result, success } from '@muster/core/result';

const CONVERSION = /%%|%(?:\(((?:[^()]|\([^()]*\))*)\))?([#0\- +]*)(\d*)(?:\.(\d*))?[hlL]?([a-zA-Z])?/g;

export interface Expanded {
  /** With `%` doubled where it is not final. */
  readonly text: string;
  readonly isFinal: boolean;
}

/** Undefined: there is no such name. Null: it is known at start. */
export type Expansions = (name: string) => string | number | null | undefined;

/** The problem is what Python would say, in other words. */
export function expandFormat(text: string, lookUp: Expansions): Result<Expanded, string> {
  let isFinal = true;
  let problem: string | null = null;
  // Whether it is final decides how plain text is written, so that is found out first.
  const pieces: { readonly text: string; readonly isKept: boolean }[] = [];
  let at = 0;
  for (const found of text.matchAll(CONVERSION)) {
    const [whole, name, flags = '', width = '', precision, conversion] = found;
    pieces.push({ text: text.slice(at, found.index), isKept: false });
    at = found.index + whole.length;
    if (whole === '%%') {
      pieces.push({ text: '%', isKept: false });
      continue;
    }
    if (name === undefined || conversion === undefined) {
      problem ??= `a % that begins no %(name)s: write %% for a percent sign`;
      continue;
    }
    const value = lookUp(name);
    if (value === undefined) problem ??= `there is no ${name} to put in`;
    else if (value === null) {
      isFinal = false;
      pieces.push({ text: whole, isKept: true });
    } else {
      const shown = convert(value, { flags, width: Number(width), precision, conversion });
      if (shown === null) problem ??= `%(${name})${conversion} cannot show ${JSON.stringify(value)}`;
      else pieces.push({ text: shown, isKept: false });
    }
  }
  pieces.push({ text: text.slice(at), isKept: false });
  if (problem !== null) return failure(problem);
  const joined = pieces.map((piece) => (piece.isKept || isFinal ? piece.text : piece.text.replaceAll('%', '%%')));
  return success({ text: joined.join(''), isFinal });
}

interface Conversion {
  readonly flags: string;
  readonly width: number;
  readonly precision: string | undefined;
  readonly conversion: string;
}

/** Null if Python refuses it, or it is one that nobody uses here. */
function convert(value: string | number, { flags, width, precision, conversion }: Conversion): string | null {
  if ('sra'.includes(conversion)) {
    const text = conversion === 's' || typeof value === 'number' ? String(value) : `'${value}'`;
    return padded(precision === undefined ? text : text.slice(0, Number(precision)), '', flags.replace('0', ''), width);
  }
  if (typeof value !== 'number' || !'diuxXo'.includes(conversion)) return null;
  const base = { x: 16, X: 16, o: 8 }[conversion] ?? 10;
  const digits = Math.abs(value)
    .toString(base)
    .padStart(Number(precision ?? 0), '0');
  const prefix = flags.includes('#') ? ({ x: '0x', X: '0X', o: '0o' }[conversion] ?? '') : '';
  const sign = value < 0 ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  return padded(conversion === 'X' ? digits.toUpperCase() : digits, sign + prefix, flags, width);
}

function padded(text: string, prefix: string, flags: string, width: number): string {
  if (flags.includes('-')) return (prefix + text).padEnd(width);
  if (flags.includes('0')) return prefix + text.padStart(width - prefix.length, '0');
  return (prefix + text).padStart(width);
}
