/**
 * The journal of an update: the file `journal`, there while an update is under way, in whole or not at all. It says all
 * that is needed to complete the update or to undo it, so that whoever finds it can, whoever was killed.
 *
 * Whether the update is to be undone or completed is not in the journal: the link `db` tells. While it points to `from`,
 * the update is undone; once it points to `to`, it is completed. Where both are the same, the records are all that there
 * may be to swap: while new ones are staged, the update is undone (next-database.ts).
 */

import { existsSync, rmSync } from 'node:fs';
import { documentFrom, type UpdateDocument } from '@muster/core/plan/update/document';
import { NotAFile, readRegularText } from '@muster/posix/regular-file';
import { replaceFile, unfinished } from '@muster/posix/replace-file';
import type { StagedFile } from '../write-file.ts';
import type { Arrangement } from './arrangement/arrangement.ts';
import type { Renames } from './generations.ts';
import type { LivePaths } from './paths.ts';
import { Damaged } from './problem.ts';

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
  readonly renames: Renames;
  /** Put in its place once the update is done: the compiled file that it was made from. */
  readonly compiled: StagedFile | null;
}

export function writeJournal(path: string, journal: Journal): void {
  replaceFile(path, `${JSON.stringify(journal)}\n`, { policy: 'atomic', mode: 0o600 });
}

/** Null if no update is under way. Throws Damaged if the file is not a journal. */
export function readJournal(path: string): Journal | null {
  let text: string;
  try {
    text = readRegularText(path);
  } catch (error) {
    if (error instanceof NotAFile) throw notAJournal(path);
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const journal = parsed(text);
  if (journal === null) throw notAJournal(path);
  return journal;
}

function notAJournal(path: string): Damaged {
  return new Damaged(path, 'this is not the journal of an update');
}

/** Null if it is nothing that `writeJournal` wrote. */
function parsed(text: string): Journal | null {
  let journal: Partial<Journal> | null;
  try {
    journal = JSON.parse(text) as Partial<Journal> | null;
  } catch {
    return null;
  }
  if (!documentFrom(journal?.plan ?? null).ok) return null;
  const { services, gone, pipes, gonePipes, movedPipes } = journal?.arrangement ?? {};
  const lists = [services, gone, pipes, gonePipes, movedPipes, journal?.renames];
  const isWhole = journal?.version === 1 && isName(journal.from) && isName(journal.to) && lists.every(Array.isArray);
  return isWhole ? (journal as Journal) : null;
}

function isName(text: unknown): boolean {
  return typeof text === 'string' && /^[0-9a-f]+$/.test(text);
}

/** Whether a killed update left something behind: its journal, or, before there was one, what it staged. */
export function isInterrupted({ journal, staged }: Pick<LivePaths, 'journal' | 'staged'>): boolean {
  return existsSync(journal) || existsSync(staged) || existsSync(unfinished(journal));
}

export function removeJournal(path: string): void {
  rmSync(unfinished(path), { force: true });
  rmSync(path, { force: true });
}
