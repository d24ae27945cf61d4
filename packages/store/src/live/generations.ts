/** The databases that have been live, the latest last: the file `generations`, one `HASH ISO-TIME` a line. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';

export interface Generation {
  /** Name of the directory below `databases/`. */
  readonly hash: string;
  /** When it became live, ISO 8601. */
  readonly since: string;
}

export function readGenerations(path: string): Generation[] {
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.flatMap((line) => {
    const [hash, since] = line.split(' ');
    return hash && since ? [{ hash, since }] : [];
  });
}

/** Replaces the file in one step. */
export function writeGenerations(path: string, generations: readonly Generation[]): void {
  const text = generations.map(({ hash, since }) => `${hash} ${since}\n`).join('');
  writeFileSync(`${path}.new`, text, { mode: 0o644 });
  renameSync(`${path}.new`, path);
}
