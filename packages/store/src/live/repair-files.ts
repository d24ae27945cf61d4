/**
 * Putting back the files of a live directory that are damaged, out of the compiled database that it was made from. What is
 * whole is left as it is; so is everything if another database was live.
 */

import { existsSync, lstatSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serviceId } from '@muster/core/model/database';
import { BLANK_RECORD } from '@muster/core/model/record';
import { linkTarget } from '@muster/posix/absence';
import { replaceFile } from '@muster/posix/replace-file';
import { openDatabase } from '../database/open.ts';
import { unstage } from './arrangement/arrangement.ts';
import { type Backend, readBackend, writeBackend } from './backend.ts';
import { readGenerations, writeGenerations } from './generations.ts';
import { readJournal, removeJournal } from './journal.ts';
import { isOurLiveDirectory } from './open.ts';
import { DATABASE_FILE, generationLink, livePaths, STATE_FILE } from './paths.ts';
import { Damaged } from './problem.ts';
import { encodeState, STATE_MODE, StateFile } from './state.ts';

export interface Origin {
  readonly hash: string;
  readonly database: Uint8Array;
  /** Permissions of the file that holds it. */
  readonly mode: number;
  readonly services: number;
  /** For a live directory that does not say under which supervisors it is. */
  readonly backend: Backend;
  /** The names of all kinds of supervisors. */
  readonly kinds: readonly string[];
}

/** True if records were lost, and with them what was wanted. Throws what the system says. */
export function repairFiles(root: string, { hash, database, mode, services, backend, kinds }: Origin): boolean {
  const paths = livePaths(root);
  const generation = join(root, generationLink(hash));
  if (!isOurLiveDirectory(root) || !existsSync(generation)) return false;
  if (!lstatSync(paths.lock, { throwIfNoEntry: false })?.isFile()) {
    rmSync(paths.lock, { recursive: true, force: true });
    writeFileSync(paths.lock, '', { mode: 0o600 });
  }
  if (isUnreadable(() => knownIn(readBackend(paths.backend), kinds))) {
    rmSync(paths.backend, { recursive: true, force: true });
    writeBackend(paths.backend, backend);
  }
  if (linkTarget(paths.db) === null) {
    rmSync(paths.db, { recursive: true, force: true });
    symlinkSync(generationLink(hash), paths.db);
  }
  if (linkTarget(paths.db) !== generationLink(hash)) return false;
  if (isUnreadable(() => readGenerations(paths.generations))) {
    rmSync(paths.generations, { recursive: true, force: true });
    writeGenerations(paths.generations, [{ hash, since: new Date().toISOString(), began: 0, renames: [] }]);
  }
  const copy = join(generation, DATABASE_FILE);
  if (!openDatabase(copy).ok) put(copy, database, mode);
  repairJournal(root);
  return repairState(join(generation, STATE_FILE), services);
}

function knownIn(backend: Backend | null, kinds: readonly string[]): Backend | null {
  return backend !== null && kinds.includes(backend.kind) ? backend : null;
}

/** What an update was about to do that nobody can read cannot be completed; which database is live, the link says. */
function repairJournal(root: string): void {
  const paths = livePaths(root);
  try {
    readJournal(paths.journal);
  } catch (error) {
    if (!(error instanceof Damaged)) throw error;
    rmSync(paths.journal, { recursive: true, force: true });
    removeJournal(paths.journal);
    unstage(paths);
  }
}

function repairState(path: string, services: number): boolean {
  let state: StateFile | null = null;
  try {
    state = new StateFile(path, services);
    state.readAll();
    return false;
  } catch {
    const whole = state;
    const records = Array.from({ length: services }, (_, service) => {
      try {
        return whole?.read(serviceId(service)) ?? BLANK_RECORD;
      } catch {
        return BLANK_RECORD;
      }
    });
    put(path, encodeState(records), STATE_MODE);
    return true;
  } finally {
    state?.close();
  }
}

/** Also where a directory is in its place. */
function put(path: string, bytes: Uint8Array, mode: number): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory()) rmSync(path, { recursive: true });
  replaceFile(path, bytes, { policy: 'atomic', mode });
}

/** It throws, or answers null. */
function isUnreadable(look: () => unknown): boolean {
  try {
    return look() === null;
  } catch {
    return true;
  }
}
