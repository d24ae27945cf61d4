/** A live directory with its database and records, for looking. */
import type { Diagnostic } from '@muster/core/diagnostics/diagnostic';
import type { Database } from '@muster/core/model/database';
import { failure, type Result, success } from '@muster/core/result';
import { type LiveDatabase, openLiveDatabase, openRecords } from '@muster/store/live/database';
import { type Live, openLive } from '@muster/store/live/open';
import { Damaged, damaged, unusable as unusableDatabase } from '@muster/store/live/problem';
import type { StateFile } from '@muster/store/live/state';
import { supervisorNamed, unknownSupervisor } from '@muster/supervisors/supervisor-table';
import type { ControlEventSink } from '../events.ts';
import { type Unusable, unusable } from '../problems.ts';

/** A database that was read, without any instances, and by which hash it goes. */
export interface KnownDatabase {
  readonly hash: string;
  readonly database: Database;
}

/** `database` has the instances in it, `base` has not. */
export interface Opened extends LiveDatabase {
  readonly live: Live;
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
  try {
    const found = openLiveDatabase(live, known?.hash === live.generation ? known.database : null);
    if (!found.ok) return refused(unusableDatabase(live.databasePath, found.problem));
    return success({ live, ...found.value, records: openRecords(live, found.value) });
  } catch (error) {
    if (error instanceof Damaged) return refused(error.diagnostic);
    return refused(damaged(live.statePath, (error as Error).message));
  }
}

function refused(diagnostic: Diagnostic) {
  return failure(unusable(diagnostic));
}
