/**
 * The journal of an update: the file `journal`, there while an update is under way, in whole or not at all. It says all
 * that is needed to complete the update or to undo it, so that whoever finds it can, whoever was killed.
 *
 * Whether the update is to be undone or completed is not in the journal: the link `db` tells. While it points to `from`,
 * the update is undone; once it points to `to`, it is completed. Where both are the same, there is nothing to swap, and
 * completing it is the same as undoing it.
 */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { UpdateDocument } from '@muster/core/plan/update/document';
import type { Arrangement } from './arrangement.ts';
import type { LivePaths } from './paths.ts';

export interface Journal {
  readonly version: 1;
  /** Of the update: `rc-update /etc/rc/compiled`. */
  readonly command: string;
  /** Milliseconds since the epoch. */
  readonly began: number;
  /** Names of directories below `databases/`. */
  readonly from: string;
  readonly to: string;
  readonly plan: UpdateDocument;
  readonly arrangement: Arrangement;
}

export function writeJournal(path: string, journal: Journal): void {
  const next = unfinished(path);
  try {
    writeFileSync(next, `${JSON.stringify(journal)}\n`, { mode: 0o600 });
    renameSync(next, path);
  } catch (error) {
    rmSync(next, { force: true });
    throw error;
  }
}

/** Null if no update is under way. Throws SyntaxError if the file is not a journal. */
export function readJournal(path: string): Journal | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const journal = JSON.parse(text) as Journal;
  if (journal.version !== 1) throw new SyntaxError(`${path}: this journal is of another version of Muster`);
  return journal;
}

/** Whether a killed update left something behind: its journal, or, before there was one, what it staged. */
export function isInterrupted({ journal, staged }: Pick<LivePaths, 'journal' | 'staged'>): boolean {
  return existsSync(journal) || existsSync(staged) || existsSync(unfinished(journal));
}

export function removeJournal(path: string): void {
  rmSync(unfinished(path), { force: true });
  rmSync(path, { force: true });
}

function unfinished(path: string): string {
  return `${path}.new`;
}
