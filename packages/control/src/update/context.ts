/** Where an update happens: a live directory whose database nobody else may change or replace. */
import { openLiveDatabase, openRecords } from '@muster/store/live/database';
import type { LockFile } from '@muster/store/live/lock-file';
import { openLive } from '@muster/store/live/open';
import { Damaged } from '@muster/store/live/problem';
import type { Opened } from '../open/read.ts';

export interface UpdateContext extends Opened {
  /** Its exclusive lock of the database is held. */
  readonly lock: LockFile;
}

/** Opens again what this process has just put there. Throws Damaged if it cannot be what it was. */
export function reopenContext(root: string, lock: LockFile): UpdateContext {
  const found = openLive(root);
  if (!found.ok) throw new Damaged(root, found.problem.message);
  const live = found.value;
  const opened = openLiveDatabase(live);
  if (!opened.ok) throw new Damaged(live.databasePath, opened.problem.message);
  return { live, ...opened.value, records: openRecords(live, opened.value), lock };
}
