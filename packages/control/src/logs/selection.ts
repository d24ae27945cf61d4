/** The logs in which the lines of services are. */

import { everyService, nameOf, type ServiceId } from '@muster/core/model/database';
import { select, servicesNamed } from '@muster/core/plan/goal';
import type { LogEntry } from '@muster/protocol/logs/entry';
import { labelled } from '@muster/protocol/logs/label';
import { supervisorFor } from '@muster/supervisors/supervisor-table';
import type { Opened } from '../open/read.ts';
import type { Extent } from './log-files.ts';
import { merged, type NamedEntry } from './merge.ts';
import { outputOf } from './sources.ts';

export interface Log {
  readonly directory: string;
  /** Undefined if the line is of a service that nobody asked for. */
  readonly named: (entry: LogEntry) => NamedEntry | undefined;
  /** Holds lines of many services: which of them are the last ones is known when they have been looked at. */
  readonly isShared: boolean;
  /** Worth a word if it is not there. */
  readonly isExpected: boolean;
}

/** A service whose lines are in no log that is known: `logger` has them, or nobody of ours. */
export interface Unkept {
  readonly service: ServiceId;
  readonly logger: ServiceId | null;
}

export interface Logs {
  /** One for each directory (several services may write to one logger), and what of the catch-all is about those named. */
  readonly logs: readonly Log[];
  readonly unkept: readonly Unkept[];
  /** Those of the names that nothing has. */
  readonly unknown: readonly string[];
}

/** Of services and bundles that are named; without names, of all. */
export function logsOf({ live, database }: Opened, asked: readonly string[]): Logs {
  const { selection, unknown } = select(database, asked);
  const isAll = asked.length === 0;
  const chosen = isAll ? everyService(database) : servicesNamed(selection);
  const logs = new Map<string, Log>();
  const unkept: Unkept[] = [];
  const catchAll = supervisorFor(live).catchAll(live.paths);
  let isAnyCaught = isAll;
  for (const service of chosen) {
    const name = nameOf(database, service);
    const output = outputOf(database, service);
    if (output.kind === 'logger') unkept.push({ service, logger: output.logger });
    else if (output.kind === 'unlogged') {
      isAnyCaught = true;
      if (catchAll === null) unkept.push({ service, logger: null });
    } else if (!logs.has(output.directory)) {
      const named = (entry: LogEntry) => ({ ...entry, service: name });
      logs.set(output.directory, { directory: output.directory, named, isShared: false, isExpected: true });
    }
  }
  if (catchAll === null) return { logs: [...logs.values()], unkept, unknown };
  const names = new Set(chosen.map((service) => nameOf(database, service)));
  const named = (entry: LogEntry) => {
    const { service, text } = labelled(entry.text);
    return isAll || names.has(service) ? { ...entry, service, text } : undefined;
  };
  const caught = { directory: catchAll, named, isShared: true, isExpected: isAnyCaught };
  return { logs: [...logs.values(), caught], unkept, unknown };
}

/** What has to be looked at of one log, to have `extent` of all. */
export function extentIn({ isShared }: Log, extent: Extent): Extent {
  return isShared ? { ...extent, count: Number.POSITIVE_INFINITY } : extent;
}

export function namedEntries({ named }: Log, entries: readonly LogEntry[]): NamedEntry[] {
  return entries.map(named).filter((entry) => entry !== undefined);
}

export function lastOf(logs: readonly (readonly NamedEntry[])[], extent: Extent): NamedEntry[] {
  const all = merged(logs);
  return all.length > extent.count ? all.slice(all.length - extent.count) : all;
}
