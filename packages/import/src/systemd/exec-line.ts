/** One command of `ExecStart=` and its relatives. */
import { failure, type Result, success } from '@muster/core/result';
import { shWord } from '../words/sh.ts';
import { expandSpecifiers, type Specifiers, splitWords } from './words.ts';

export interface ExecLine {
  /** With `$` in them where they are put together at start. */
  readonly words: readonly string[];
  /** It may fail. */
  readonly mayFail: boolean;
  /** As root, whoever the service is. */
  readonly isPrivileged: boolean;
  /** What the program is told that it is called; null: its path. */
  readonly calledAs: string | null;
  /** It has variables in it. */
  readonly isLate: boolean;
}

/** Several of one value have a `;` as a word between them. */
export function execLines(text: string, specifiers: Specifiers): Result<readonly ExecLine[], string> {
  const split = splitWords(text);
  if (!split.ok) return split;
  const lines: ExecLine[] = [];
  let words: string[] = [];
  const all = [...split.value, ';'];
  for (const word of all) {
    if (word !== ';') {
      words.push(word);
      continue;
    }
    if (words.length > 0) {
      const line = lineOf(words, specifiers);
      if (!line.ok) return line;
      lines.push(line.value);
    }
    words = [];
  }
  return success(lines);
}

function lineOf([first = '', ...rest]: readonly string[], specifiers: Specifiers): Result<ExecLine, string> {
  const [prefixes = ''] = /^[-@:+!|]*/.exec(first) ?? [];
  const words: string[] = [];
  for (const word of [first.slice(prefixes.length), ...rest]) {
    const expanded = expandSpecifiers(word, specifiers);
    if (!expanded.ok) return expanded;
    words.push(expanded.value);
  }
  const [calledAs] = prefixes.includes('@') ? words.splice(1, 1) : [];
  if (words[0] === '') return failure('names no program');
  const keepsDollars = prefixes.includes(':');
  return success({
    words: keepsDollars ? words : words.map((word) => (isLate(word) ? word : word.replaceAll('$$', '$'))),
    mayFail: prefixes.includes('-'),
    isPrivileged: /[+!]/.test(prefixes),
    calledAs: calledAs ?? null,
    isLate: !keepsDollars && words.some(isLate),
  });
}

function isLate(word: string): boolean {
  return /\$(\w|\{)/.test(word.replaceAll('$$', ''));
}

/** For a script of sh that has the variables in its environment. */
export function shLine({ words, isLate: late }: ExecLine): string {
  return late ? ['rc-exec', 'systemd', '--', ...words].map(shWord).join(' ') : words.map(shWord).join(' ');
}
