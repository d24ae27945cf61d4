/**
 * Holds the code to docs/words.md: a word that was dropped names nothing any more, and no two types have one name.
 * Whether a word's file is there is seen as for every page.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const root = join(import.meta.dirname, '..');
const PAGE = 'docs/words.md';
/** A row: the word, its meaning, where it is defined, what others call it, and what it is not called. */
const ROW = /^\| ([^|]+) \| [^|]+ \| `[^`|]+` \|[^|]*\|([^|]*)\|$/;
const HEAD = /^\| (word|-+) \|/;
const TYPE = /^export (?:declare |abstract )*(?:class|interface|type) (\w+)/gm;
/** What is declared anywhere: classes, types, functions, methods. */
const NAMES = [
  /\b(?:class|interface|type|function) (\w+)/g,
  /^ {2}(?:static |async |readonly |get |set )*#?(\w+)(?:<[^>]*>)?\(/gm,
  /^(?:export )?const (\w+)\b/gm,
];

/** Each with its place: `FILE: what is wrong`. Empty: every word is used for what it means. */
export function problemsWithWords(): string[] {
  const lines = readFileSync(join(root, PAGE), 'utf8').split('\n');
  const rows = lines.flatMap(rowIn);
  const sources: Source[] = readdirSync(join(root, 'packages'), { recursive: true, encoding: 'utf8' })
    .filter((path) => /^\w+\/src\/.*\.ts$/.test(path))
    .map((path) => ({ path: `packages/${path}`, text: readFileSync(join(root, 'packages', path), 'utf8') }));
  const dropped = new Map(rows.flatMap(({ word, not }) => not.map((old) => [old, word] as const)));
  return [
    ...lines
      .filter((line) => line.startsWith('|') && !HEAD.test(line) && !ROW.test(line))
      .map((line) => `${PAGE}: not a row: ${line}`),
    ...repeatedIn(rows.flatMap(({ word, not }) => [...word.split(', '), ...not])),
    ...sources.flatMap(({ path, text }) => droppedIn(path, text, dropped)),
    ...ambiguousIn(sources),
  ];
}

interface Source {
  readonly path: string;
  readonly text: string;
}

interface Row {
  readonly word: string;
  /** Dropped words, in lower case. */
  readonly not: readonly string[];
}

function rowIn(line: string): Row[] {
  const found = ROW.exec(line);
  if (found === null) return [];
  const [, word, not] = found;
  return [{ word: word!, not: not!.trim().split(', ').filter(Boolean) }];
}

function repeatedIn(words: readonly string[]): string[] {
  const twice = words.filter((word, at) => words.indexOf(word) !== at);
  return twice.map((word) => `${PAGE}: ${word} is there twice`);
}

/** A type that two files export has two meanings, or should be one. */
function ambiguousIn(sources: readonly Source[]): string[] {
  const known = new Map<string, string>();
  return sources.flatMap(({ path, text }) =>
    [...text.matchAll(TYPE)].flatMap(([, type]) => {
      const other = known.get(type!);
      known.set(type!, path);
      return other === undefined || other === path
        ? []
        : [`${path}: ${type} is the name of a type of ${other} already`];
    }),
  );
}

function droppedIn(path: string, text: string, dropped: ReadonlyMap<string, string>): string[] {
  const names = [
    basename(path, '.ts'),
    ...NAMES.flatMap((names) => [...text.matchAll(names)].map(([, name]) => name!)),
  ];
  return [...new Set(names)].flatMap((name) => {
    const words = wordsIn(name);
    const old = [...dropped.keys()].find((each) => isIn(words, each.split(' ')));
    return old === undefined ? [] : [`${path}: ${name} has the word '${old}', which is '${dropped.get(old)}' now`];
  });
}

/** `readTreeFile`, `read-tree-file`: `read`, `tree`, `file`. */
function wordsIn(name: string): string[] {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
}

function isIn(words: readonly string[], wanted: readonly string[]): boolean {
  return words.some((_, at) => wanted.every((word, i) => words[at + i] === word || words[at + i] === `${word}s`));
}
