/**
 * Where the lines of a service are. A logger that a `log` file asked for has its directory in the database. For a logger
 * that its author wrote (s6-log, svlogd, …), it is the absolute path in its `run` that is a log directory. What services
 * without a logger say goes to the catch-all of the embedded tree; on s6 and runit, where their trees' own output goes.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { targetsOf } from '@muster/core/graph/edges';
import type { Database, ServiceId } from '@muster/core/model/database';
import { CURRENT } from '@muster/protocol/logs/log-directory';
import { RUN_FILE } from '@muster/store/live/service-files';

/** Where the lines of a service go in the end. */
export type Output =
  | { readonly kind: 'directory'; readonly directory: string }
  /** A logger that its author wrote, whose `run` names no log directory, or one that is not there yet. */
  | { readonly kind: 'logger'; readonly logger: ServiceId }
  /** Where its supervisor's own output goes: with the embedded tree the catch-all. */
  | { readonly kind: 'unlogged' };

/** For a logger itself: what it writes. */
export function outputOf(database: Database, service: ServiceId): Output {
  const seen = new Set<ServiceId>();
  let last = service;
  for (let at: ServiceId | undefined = service; at !== undefined && !seen.has(at); ) {
    seen.add(at);
    const directory = writtenBy(database, at);
    if (directory !== null) return { kind: 'directory', directory };
    last = at;
    at = targetsOf(database.producerFor, at)[0];
  }
  return targetsOf(database.consumerFor, last).length === 0 ? { kind: 'unlogged' } : { kind: 'logger', logger: last };
}

/** The directory into which a service's lines go in the end, or null. */
export function logDirectoryOf(database: Database, service: ServiceId): string | null {
  const output = outputOf(database, service);
  return output.kind === 'directory' ? output.directory : null;
}

function writtenBy(database: Database, service: ServiceId): string | null {
  // Only what reads somebody's lines writes a log: nothing else's definition need be decoded.
  if (targetsOf(database.consumerFor, service).length === 0) return null;
  const definition = database.definition(service);
  if (definition.type !== 'longrun') return null;
  if (definition.logger !== null) return definition.logger.directory;
  const run = definition.files.find(({ path }) => path === RUN_FILE);
  if (run?.kind !== 'file') return null;
  const text = new TextDecoder().decode(run.content);
  const paths = text.match(/\/[^\s"'`;|&<>()\\]+/g) ?? [];
  return paths.findLast((path) => existsSync(join(path, CURRENT))) ?? null;
}
