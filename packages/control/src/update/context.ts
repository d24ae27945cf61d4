/** Where an update happens: a live directory whose database nobody else may change or replace. */
import type { Database } from '@muster/core/model/database';
import { openDatabase } from '@muster/store/database/open';
import type { LockFile } from '@muster/store/live/lock-file';
import { type Live, openLive } from '@muster/store/live/open';
import { Damaged } from '@muster/store/live/problem';
import { StateFile } from '@muster/store/live/state';

export interface UpdateContext {
  readonly live: Live;
  readonly database: Database;
  readonly records: StateFile;
  /** Its exclusive lock of the database is held. */
  readonly lock: LockFile;
}

/** Opens again what this process has just put there. Throws Damaged if it cannot be what it was. */
export function reopenContext(root: string, lock: LockFile): UpdateContext {
  const found = openLive(root);
  if (!found.ok) throw new Damaged(root, found.problem.message);
  const live = found.value;
  const opened = openDatabase(live.databasePath, live.generation);
  if (!opened.ok) throw new Damaged(live.databasePath, opened.problem.message);
  const { database } = opened.value;
  return { live, database, records: new StateFile(live.statePath, database.names.length), lock };
}
