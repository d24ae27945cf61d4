/** Opening the database that a command is about, and finding services in it by name. */
import type { Database, ServiceId } from '@muster/core/model/database';
import type { PackedDatabase } from '@muster/core/model/packed-definitions';
import { select, servicesNamed } from '@muster/core/plan/goal';
import { openDatabase } from '@muster/store/database/open';
import { EXIT } from '../exit-codes.ts';
import { tell } from '../output.ts';
import { unknownNameTexts } from '../render/names.ts';
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
  const { selection, unknown } = select(database, names);
  return unknown.length > 0 ? unknownNames(database, unknown) : servicesNamed(selection);
}

export function unknownNames(database: Database, unknown: readonly string[]): Refusal {
  return new Refusal(unknownNameTexts(database, unknown).join('\n'), EXIT.unknownName);
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
