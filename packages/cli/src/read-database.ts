/** The database that a command reads, compiled or live, and services found in it by name. */
import type { BadDatabase, UnknownNames, Unusable } from '@muster/control/problems';
import type { Database, ServiceId } from '@muster/core/model/database';
import { select, servicesNamed } from '@muster/core/plan/goal';
import { failure, type Result, success } from '@muster/core/result';
import { openDatabase } from '@muster/store/database/open';
import type { Call } from './arguments/command.ts';
import { compiledPath } from './arguments/paths.ts';

export const DATABASE_OPTIONS = {
  compiled: { short: 'c', value: 'FILE', help: 'the compiled database' },
  live: { short: 'l', value: 'LIVE', help: 'the live directory: read the database that is live' },
} as const;

export interface NamedDatabase {
  readonly path: string;
  readonly database: Database;
}

/** The one that `DATABASE_OPTIONS` name. */
export async function openNamed(call: Call): Promise<Result<NamedDatabase, BadDatabase | Unusable>> {
  const live = call.value('live');
  if (live !== undefined && !call.has('compiled')) return await openLiveDatabase(live);
  const path = call.value('compiled') ?? compiledPath();
  const opened = openDatabase(path);
  if (opened.ok) return success({ path, database: opened.value.database });
  return failure({ kind: 'bad-database', path, ...opened.problem });
}

async function openLiveDatabase(root: string): Promise<Result<NamedDatabase, Unusable>> {
  const [{ openLive }, { unusable: unusableDatabase }, { openLiveDatabase: open }] = await Promise.all([
    import('@muster/store/live/open'),
    import('@muster/store/live/problem'),
    import('@muster/store/live/database'),
  ]);
  const live = openLive(root);
  if (!live.ok) return failure({ kind: 'unusable', diagnostic: live.problem });
  const path = live.value.databasePath;
  const opened = open(live.value);
  if (opened.ok) return success({ path, database: opened.value.database });
  return failure({ kind: 'unusable', diagnostic: unusableDatabase(path, opened.problem) });
}

/** The services that the names stand for, bundles as their members, ascending. */
export function resolveNames(database: Database, names: readonly string[]): Result<readonly ServiceId[], UnknownNames> {
  const { selection, unknown } = select(database, names);
  if (unknown.length > 0) return failure({ kind: 'unknown-names', unknown, database });
  return success(servicesNamed(selection));
}
