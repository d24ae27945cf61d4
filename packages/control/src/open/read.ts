/** A live directory with its database and records, for looking. */
import type { Diagnostic } from '@muster/core/diagnostics/diagnostic';
import type { Database } from '@muster/core/model/database';
import { failure, type Result, success } from '@muster/core/result';
import { openDatabase } from '@muster/store/database/open';
import { type Live, openLive } from '@muster/store/live/open';
import { damaged, unusable as unusableDatabase } from '@muster/store/live/problem';
import { StateDamaged, StateFile } from '@muster/store/live/state';
import { supervisorNamed, unknownSupervisor } from '@muster/supervisors/supervisor-table';
import type { ControlEventSink } from '../events.ts';
import { type Unusable, unusable } from '../problems.ts';

/** A database that was read, and by which hash it goes. */
export interface KnownDatabase {
  readonly hash: string;
  readonly database: Database;
}

export interface Opened {
  readonly live: Live;
  readonly database: Database;
  readonly records: StateFile;
}

/** For looking. Takes no lock. A live directory that has outlived its boot is told of, and is as after rc-init. */
export function openForReading(root: string, events: ControlEventSink): Result<Opened, Unusable> {
  const live = openLive(root);
  if (!live.ok) return refused(live.problem);
  if (live.value.outlived !== null) events.emit({ event: 'outlived', live: live.value });
  return withDatabase(live.value);
}

/** `known` is taken for the live one where that goes by the same hash. */
export function withDatabase(live: Live, known: KnownDatabase | null = null): Result<Opened, Unusable> {
  const { backend, paths } = live;
  if (supervisorNamed(backend.kind) === undefined) return refused(unknownSupervisor(paths));
  const found = known?.hash === live.generation ? success(known) : openDatabase(live.databasePath, live.generation);
  if (!found.ok) return refused(unusableDatabase(live.databasePath, found.problem));
  const { database } = found.value;
  try {
    const services = database.names.length;
    const records =
      live.outlived === null ? new StateFile(live.statePath, services) : StateFile.blank(live.statePath, services);
    return success({ live, database, records });
  } catch (error) {
    if (error instanceof StateDamaged) return refused(error.diagnostic);
    return refused(damaged(live.statePath, (error as Error).message));
  }
}

function refused(diagnostic: Diagnostic) {
  return failure(unusable(diagnostic));
}
