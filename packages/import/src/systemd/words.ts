/** Command lines as systemd splits them, and the letters behind `%`. */
import { failure, type Result, success } from '@muster/core/result';

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  s: ' ',
  '\\': '\\',
  '"': '"',
  "'": "'",
};

/** What a word is put together of: plain text, an escape as in C, or a text in quotes with escapes. */
const PIECE = /[^\s\\"']+|\\(?:x[0-9a-fA-F]{2}|[0-7]{3}|.)|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/sy;
const BLANKS = /\s+/y;

/** Backslashes as in C, quotes anywhere. */
export function splitWords(text: string): Result<string[], string> {
  const words: string[] = [];
  let isNew = true;
  for (let at = 0; at < text.length; ) {
    BLANKS.lastIndex = at;
    const blanks = BLANKS.exec(text)?.[0];
    PIECE.lastIndex = at;
    const piece = blanks ?? PIECE.exec(text)?.[0];
    if (piece === undefined)
      return failure(
        text[at] === '\\' ? 'nothing follows the backslash at its end' : `a quote (${text[at]}) is never closed`,
      );
    if (blanks === undefined) {
      if (isNew) words.push('');
      words[words.length - 1] += meaningOf(piece);
    }
    isNew = blanks !== undefined;
    at += piece.length;
  }
  return success(words);
}

function meaningOf(piece: string): string {
  const text = /^["']/.test(piece) ? piece.slice(1, -1) : piece;
  return text.replace(
    /\\(?:x([0-9a-fA-F]{2})|([0-7]{3})|(.))/gs,
    (whole, hex?: string, octal?: string, letter = '') => {
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
      return ESCAPES[letter] ?? whole;
    },
  );
}

/** What stands for a letter behind `%`; null: it is known on the machine only. */
export type Specifiers = (letter: string) => string | null;

export function specifiersOf(name: string, instance: string | null): Specifiers {
  const kind = name.slice(name.lastIndexOf('.') + 1);
  const stem = name.slice(0, -kind.length - 1);
  const prefix = stem.replace(/@.*$/, '');
  const own = instance ?? '';
  const known: Readonly<Record<string, string>> = {
    n: instance === null ? name : `${prefix}@${own}.${kind}`,
    N: instance === null ? stem : `${prefix}@${own}`,
    p: prefix,
    P: unescapeName(prefix),
    i: own,
    I: unescapeName(own),
    j: prefix.slice(prefix.lastIndexOf('-') + 1),
    f: `/${unescapeName(instance === null || own === '' ? prefix : own)}`,
    t: '/run',
    S: '/var/lib',
    C: '/var/cache',
    L: '/var/log',
    E: '/etc',
    T: '/tmp',
    V: '/var/tmp',
    h: '/root',
    u: 'root',
    U: '0',
    g: 'root',
    G: '0',
    s: '/bin/sh',
    '%': '%',
  };
  return (letter) => known[letter] ?? null;
}

/** `\x2d` and the like; a dash is a slash. */
function unescapeName(text: string): string {
  return text
    .replaceAll('-', '/')
    .replace(/\\x([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** The problem names the letter that only the machine knows. */
export function expandSpecifiers(text: string, specifiers: Specifiers): Result<string, string> {
  let unknown: string | null = null;
  const expanded = text.replace(/%(.)/g, (whole, letter: string) => {
    const value = specifiers(letter);
    if (value === null) unknown ??= whole;
    return value ?? whole;
  });
  return unknown === null ? success(expanded) : failure(`${unknown} is known on the machine only`);
}
