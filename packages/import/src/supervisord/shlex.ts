/** Words as Python's shlex splits them: in POSIX mode for `command`, in the other mode for `environment`. */
import { failure, type Result, success } from '@muster/core/result';

/** A piece of a word: `text` of the source, and what it stands for. */
const PIECES: readonly (readonly [form: RegExp, meaning: (text: string) => string])[] = [
  [/[^ \t\r\n\\'"]+/y, (text) => text],
  [/\\./sy, (text) => text.slice(1)],
  [/'[^']*'/y, (text) => text.slice(1, -1)],
  [/"(?:[^"\\]|\\.)*"/sy, (text) => text.slice(1, -1).replaceAll(/\\(["\\])/g, '$1')],
];
const BLANKS = /[ \t\r\n]+/y;

/** Quotes and backslashes as in sh; nothing else has a meaning. */
export function splitCommand(text: string): Result<string[], string> {
  const words: string[] = [];
  let isNew = true;
  for (let at = 0; at < text.length; ) {
    const blanks = matchAt(BLANKS, text, at);
    if (blanks !== null) {
      isNew = true;
      at += blanks.length;
      continue;
    }
    const piece = pieceAt(text, at);
    if (piece === null)
      return failure(
        text[at] === '\\' ? 'nothing follows the backslash at its end' : `a quote (${text[at]}) is never closed`,
      );
    if (isNew) words.push('');
    isNew = false;
    words[words.length - 1] += piece.meaning;
    at += piece.length;
  }
  return success(words);
}

function pieceAt(text: string, at: number): { readonly length: number; readonly meaning: string } | null {
  for (const [form, meaning] of PIECES) {
    const found = matchAt(form, text, at);
    if (found !== null) return { length: found.length, meaning: meaning(found) };
  }
  return null;
}

function matchAt(form: RegExp, text: string, at: number): string | null {
  form.lastIndex = at;
  return form.exec(text)?.[0] ?? null;
}

export interface Pairs {
  readonly pairs: readonly (readonly [name: string, value: string])[];
  /** What supervisord drops without a word, or refuses. */
  readonly lost: readonly string[];
  /** Supervisord does not start with this. */
  readonly problem: string | null;
}

/** `KEY=value,KEY="other value"`, with everything that supervisord reads into such a text. */
export function splitPairs(text: string): Pairs {
  const tokens = tokensOf(text);
  const pairs: (readonly [string, string])[] = [];
  const lost: string[] = [];
  if (tokens === null) return { pairs, lost, problem: 'a quote is never closed' };
  for (let at = 0; at < tokens.length; at += 4) {
    const [name, equals, value, separator] = tokens.slice(at, at + 4);
    if (name === undefined || equals !== '=' || value === undefined)
      return { pairs, lost, problem: `what begins with ${tokens.slice(at, at + 3).join(' ')} is no NAME=VALUE` };
    pairs.push([name, value.replace(/^['"]+|['"]+$/g, '')]);
    if (separator !== undefined && separator !== ',') lost.push(separator);
  }
  return { pairs, lost, problem: null };
}

/** What is between tokens: blanks, and comments up to the end of their lines. */
const BETWEEN = /(?:[ \t\r\n]|#[^\n]*\n?)+/y;
/** Quotes inside of a word are part of it; a comment inside of one goes, and the word goes on behind it. */
const WORD = /[A-Za-z0-9_/.+\-():](?:[A-Za-z0-9_/.+\-():'"]|#[^\n]*\n?)*/y;
const QUOTED = /"[^"]*"|'[^']*'/y;

/** Null if a quote is open at the end. */
function tokensOf(text: string): string[] | null {
  const tokens: string[] = [];
  for (let at = 0; at < text.length; ) {
    const between = matchAt(BETWEEN, text, at);
    const token = between ?? matchAt(WORD, text, at) ?? matchAt(QUOTED, text, at) ?? text.slice(at, at + 1);
    if (between === null) {
      if (token === '"' || token === "'") return null;
      tokens.push(/^[\w/.+\-():]/.test(token) ? token.replaceAll(/#[^\n]*\n?/g, '') : token);
    }
    at += token.length;
  }
  return tokens;
}
