/** The database that a command reads, compiled or live, and services found in it by name. */
import type { Database, ServiceId } from '@muster/core/model/database';
import { select, servicesNamed } from '@muster/core/plan/goal';
import { openDatabase } from '@muster/store/database/open';
import type { Call } from '../arguments/command.ts';
import { compiledPath } from '../arguments/paths.ts';
import { EXIT } from '../exit-codes.ts';
import { complain, complainAbout, complainAboutNames } from '../render/complain.ts';

export const DATABASE_OPTIONS = {
  compiled: { short: 'c', value: 'FILE', help: 'the compiled database' },
  live: { short: 'l', value: 'LIVE', help: 'the live directory: read the database that is live' },
} as const;

/** The one that `DATABASE_OPTIONS` name. A number: an exit code, and what is wrong has been told. */
export async function openNamed(
  program: string,
  call: Call,
): Promise<{ readonly path: string; readonly database: Database } | number> {
  const live = call.value('live');
  if (live !== undefined && !call.has('compiled')) return await openLiveDatabase(live);
  const path = call.value('compiled') ?? compiledPath();
  const opened = openDatabase(path);
  if (opened.ok) return { path, database: opened.database };
  const isKept = opened.refusal === 'unreadable' || opened.refusal === 'private';
  const status = isKept ? EXIT.systemCall : EXIT.invalid;
  return complain(program, `${path}: ${opened.message}`, status);
}

async function openLiveDatabase(root: string): Promise<{ path: string; database: Database } | number> {
  const [{ openLive }, { unusable }] = await Promise.all([
    import('@muster/store/live/open'),
    import('@muster/store/live/problem'),
  ]);
  const live = openLive(root);
  if (live.kind === 'refused') return complainAbout(live.diagnostic);
  const path = live.databasePath;
  const opened = openDatabase(path);
  return opened.ok ? { path, database: opened.database } : complainAbout(unusable(path, opened));
}

/** The services that the names stand for, bundles as their members, ascending. A number as above. */
export function resolveNames(program: string, database: Database, names: readonly string[]): ServiceId[] | number {
  const { selection, unknown } = select(database, names);
  return unknown.length > 0 ? complainAboutNames(program, unknown, database) : servicesNamed(selection);
}
