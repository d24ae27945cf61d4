/** A live directory with its database and records, for looking. */
import { resolve } from 'node:path';
import type { Diagnostic } from '@muster/core/diagnostics/diagnostic';
import type { Database } from '@muster/core/model/database';
import { openDatabase } from '@muster/store/database/open';
import { type Live, openLive, outlivedDirectory, type Refused } from '@muster/store/live/open';
import { damaged, unusable } from '@muster/store/live/problem';
import { StateDamaged, StateFile } from '@muster/store/live/state';
import type { Call } from '../arguments/command.ts';
import { livePath } from '../arguments/paths.ts';
import { complainAbout } from '../render/complain.ts';

export interface Opened {
  readonly kind: 'opened';
  readonly live: Live;
  readonly database: Database;
  readonly records: StateFile;
}

/** For looking. Takes no lock. A live directory that has outlived its boot is told of, and is as after rc-init. */
export function openForReading(root: string): Opened | Refused {
  const live = openLive(root);
  if (live.kind === 'refused') return live;
  if (live.outlived !== null) tellOutlived(live);
  return withDatabase(live);
}

let isOutlivedTold = false;

/** Once, however often a command looks. */
function tellOutlived(live: Live): void {
  if (!isOutlivedTold) complainAbout({ ...outlivedDirectory(live), severity: 'warning' });
  isOutlivedTold = true;
}

export function withDatabase(live: Live): Opened | Refused {
  const found = openDatabase(live.databasePath);
  if (!found.ok) return refused(unusable(live.databasePath, found));
  const { database } = found;
  try {
    const services = database.names.length;
    const records =
      live.outlived === null ? new StateFile(live.statePath, services) : StateFile.blank(live.statePath, services);
    return { kind: 'opened', live, database, records };
  } catch (error) {
    if (error instanceof StateDamaged) return refused(error.diagnostic);
    return refused(damaged(live.statePath, (error as Error).message));
  }
}

function refused(diagnostic: Diagnostic): Refused {
  return { kind: 'refused', diagnostic };
}

export function rootOf(call: Call): string {
  return resolve(call.value('live') ?? livePath());
}
