/** What this process has from its parent besides environment and descriptors: as a text to keep, and had back from that. */
import { originalOpenFilesLimit } from '../limits.ts';
import { Snapshot } from './snapshot.ts';
import { type Trait, traitsOf } from './traits.ts';

/** The soft limit of open files, which Bun changes for itself; children have theirs by `Spawner`. */
const OPEN_FILES = 'open files';
/** Of capabilities and the like. */
const MOST_NAMED = 8;

export interface Restored {
  /** Some of it was otherwise, and is not any more: what executes a program now has it all. */
  readonly changed: boolean;
  /** What is otherwise all the same, and why: sentences without a subject, for people. */
  readonly differences: readonly string[];
}

/** JSON: an object of texts. */
export function ownSurroundings(): string {
  const snapshot = new Snapshot();
  const texts: Record<string, string> = { [OPEN_FILES]: String(originalOpenFilesLimit().soft) };
  for (const trait of traitsOf(snapshot)) {
    const text = trait.read(snapshot);
    if (text !== null) texts[trait.name] = text;
  }
  return `${JSON.stringify(texts, null, 1)}\n`;
}

/** The soft limit of open files that children are to have, in what `ownSurroundings` gave. Throws SyntaxError. */
export function openFilesIn(kept: string): bigint {
  return BigInt(textsIn(kept)[OPEN_FILES] ?? '');
}

/** To be called by a process with one thread: some of it is of the calling one. `kept`: of `ownSurroundings`. Throws SyntaxError. */
export function restoreSurroundings(kept: string): Restored {
  const texts = textsIn(kept);
  let snapshot = new Snapshot();
  let changed = false;
  const differences: string[] = [];
  for (const trait of traitsOf(snapshot)) {
    const [now, wanted] = [trait.read(snapshot), texts[trait.name]];
    if (now === null || wanted === undefined || now === wanted) continue;
    const why = failureOf(trait, wanted);
    snapshot = new Snapshot();
    const after = trait.read(snapshot) ?? now;
    changed ||= after !== now;
    if (after !== wanted) differences.push(`${trait.name}: ${differenceText(after, wanted)}${why}`);
  }
  return { changed, differences };
}

function failureOf({ set }: Trait, wanted: string): string {
  if (set === undefined) return '';
  try {
    set(wanted);
    return '';
  } catch (error) {
    return ` (${error instanceof Error ? error.message : error})`;
  }
}

function differenceText(now: string, wanted: string): string {
  const [has, had] = [new Set(now.split('\n')), new Set(wanted.split('\n'))];
  const more = listed([...has].filter((line) => line !== '' && !had.has(line)));
  const less = listed([...had].filter((line) => line !== '' && !has.has(line)));
  if (less === '') return `also ${more}`;
  return more === '' ? `without ${less}` : `${more} instead of ${less}`;
}

function listed(words: readonly string[]): string {
  const shown = words.slice(0, MOST_NAMED).join(', ');
  return words.length > MOST_NAMED ? `${shown} and ${words.length - MOST_NAMED} more` : shown;
}

function textsIn(kept: string): Readonly<Record<string, string | undefined>> {
  const texts: unknown = JSON.parse(kept);
  if (typeof texts !== 'object' || texts === null) throw new SyntaxError('no object');
  return Object.fromEntries(Object.entries(texts).filter(([, text]) => typeof text === 'string'));
}
