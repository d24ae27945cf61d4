/** The last lines of one service, for messages about it. */
import { type Database, nameOf, type ServiceId } from '@muster/core/model/database';
import { catchAllOf } from '@muster/protocol/logs/catch-all';
import type { LogEntry } from '@muster/protocol/logs/entry';
import { labelOf } from '@muster/protocol/logs/label';
import { lastEntries } from './log-files.ts';
import { logDirectoryOf } from './sources.ts';

/** `since`: milliseconds since the epoch. Oldest first; empty if the service writes elsewhere, or nothing. */
export function lastLinesOf(
  live: string,
  database: Database,
  service: ServiceId,
  { count, since }: { readonly count: number; readonly since: number },
): LogEntry[] {
  const directory = logDirectoryOf(database, service);
  if (directory !== null) return lastEntries(directory, { count, since });
  // Others may have written all of it but a few lines.
  const label = labelOf(nameOf(database, service));
  return lastEntries(catchAllOf(live), { count: Number.POSITIVE_INFINITY, since })
    .filter(({ text }) => text.startsWith(label))
    .map(({ at, text }) => ({ at, text: text.slice(label.length) }))
    .slice(-count);
}
