/** The databases that have been live, the latest last: the file `generations`, one `HASH ISO-TIME JSON` a line. */

import { readRegularText } from '@muster/posix/regular-file';
import { replaceFile } from '@muster/posix/replace-file';

/** Names of services before an update and after it: those that differ. */
export type Renames = readonly (readonly [before: string, after: string])[];

export interface Generation {
  /** Name of the directory below `databases/`. */
  readonly hash: string;
  /** When it became live, ISO 8601. */
  readonly since: string;
  /** When the update that led to it began, in milliseconds since the epoch; 0 if it was the first. */
  readonly began: number;
  /** What that update renamed, for the way back. */
  readonly renames: Renames;
}

export function readGenerations(path: string): Generation[] {
  const lines = readRegularText(path).split('\n');
  return lines.flatMap((line) => {
    const [, hash, since, more] = /^(\S+) (\S+)(?: (.*))?$/.exec(line) ?? [];
    return hash && since ? [{ hash, since, ...updateOf(more) }] : [];
  });
}

/** Milliseconds since the epoch: when the last of them became live, with all that belongs to it. */
export function liveSince(path: string): number {
  return Date.parse(readGenerations(path).at(-1)?.since ?? '') || 0;
}

/** Replaces the file in one step. */
export function writeGenerations(path: string, generations: readonly Generation[]): void {
  const text = generations.map(
    ({ hash, since, began, renames }) => `${hash} ${since} ${JSON.stringify({ began, renames })}\n`,
  );
  replaceFile(path, text.join(''), { policy: 'atomic', mode: 0o644 });
}

function updateOf(text: string | undefined): Pick<Generation, 'began' | 'renames'> {
  try {
    const { began, renames } = JSON.parse(text ?? '');
    if (typeof began === 'number' && Array.isArray(renames) && renames.every(isRename)) return { began, renames };
  } catch {
    // What cannot be read is not remembered.
  }
  return { began: 0, renames: [] };
}

function isRename(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2 && value.every((name) => typeof name === 'string');
}

/**
 * What the services of the last generation were called `back` generations ago: those that had another name, by the name
 * that they have now.
 */
export function earlierNames(generations: readonly Generation[], back: number): Map<string, string> {
  const earlier = new Map<string, string>();
  for (const { renames } of generations.slice(-back).reverse()) {
    const names = new Map(renames.map(([before, after]) => [after, before]));
    for (const [now, then] of earlier) {
      earlier.set(now, names.get(then) ?? then);
      names.delete(then);
    }
    for (const [after, before] of names) if (!earlier.has(after)) earlier.set(after, before);
  }
  return new Map([...earlier].filter(([now, then]) => now !== then));
}
