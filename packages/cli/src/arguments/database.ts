/** Opening the database that a command is about, and finding services in it by name. */

import { showName } from '@muster/core/compile/names';
import { nearest } from '@muster/core/compile/nearest';
import { targetsOf } from '@muster/core/graph/edges';
import type { Database, ServiceId } from '@muster/core/model/database';
import type { PackedDatabase } from '@muster/core/model/packed-definitions';
import { openDatabase } from '@muster/store/database/open';
import { EXIT } from '../exit-codes.ts';
import { tell } from '../output.ts';
import type { Call } from './command.ts';
import { compiledPath } from './paths.ts';

export const DATABASE_OPTIONS = {
  compiled: { short: 'c', value: 'FILE', help: 'the compiled database' },
  live: { short: 'l', value: 'LIVE', help: 'the live directory: read the database that is live' },
} as const;

/** The work is over before it began: what to say, and the exit status. */
export class Refusal {
  constructor(
    readonly message: string,
    readonly status: number,
  ) {}
}

/** Where the call's options say that the database is. */
export function databasePath(call: Call): string {
  const live = call.value('live');
  if (live !== undefined && !call.has('compiled')) return `${live}/db/database`;
  return call.value('compiled') ?? compiledPath();
}

export function openNamed(path: string): { database: PackedDatabase; hash: string } | Refusal {
  const opened = openDatabase(path);
  if (opened.ok) return opened;
  const status = opened.refusal === 'unreadable' ? EXIT.systemCall : EXIT.invalid;
  return new Refusal(`${path}: ${opened.message}`, status);
}

/** The services that the names stand for, bundles as their members, ascending. */
export function resolveNames(database: Database, names: readonly string[]): ServiceId[] | Refusal {
  const found = new Set<ServiceId>();
  const unknown: string[] = [];
  for (const name of names) {
    const bundle = database.bundleNames.indexOf(name);
    const id = database.names.indexOf(name);
    if (id !== -1) found.add(id);
    else if (bundle !== -1) for (const member of targetsOf(database.bundleMembers, bundle)) found.add(member);
    else unknown.push(name);
  }
  if (unknown.length > 0) return unknownNames(database, unknown);
  return [...found].sort((a, b) => a - b);
}

export function unknownNames(database: Database, unknown: readonly string[]): Refusal {
  const lines = unknown.map((name) => {
    const near = nearest(name, [...database.names, ...database.bundleNames]).map(showName);
    const hint = near.length > 0 ? `; did you mean ${near.join(' or ')}?` : '';
    return `there is no service or bundle ${showName(name)}${hint}`;
  });
  return new Refusal(lines.join('\n'), EXIT.unknownName);
}

/** Tells why, on standard error, and returns the exit status. */
export function refuse(program: string, { message, status }: Refusal): number {
  tell(
    message
      .split('\n')
      .map((line) => `${program}: ${line}\n`)
      .join(''),
  );
  return status;
}
