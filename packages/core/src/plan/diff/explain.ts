/** A definition with every default filled in, and where each line of it comes from. */
import type { SourceDefinition } from '../../compile/source.ts';
import { type Database, type ServiceId, serviceNamed } from '../../model/database.ts';
import { loggerName } from '../../model/logger-name.ts';
import { contentFields, type FieldValue, graphFields } from './fields.ts';

export interface ExplainedField {
  readonly name: string;
  readonly value: FieldValue;
  /** What it means that nothing is said, in words; null where that says itself. */
  readonly otherwise: string | null;
  /** In its definition, its template, or that of what it logs; null if it is not said there. */
  readonly from: { readonly path: string; readonly line: number | null } | null;
}

export interface ExplainedDefinition {
  readonly database: Database;
  readonly service: ServiceId;
  readonly fields: readonly ExplainedField[];
}

/** What a supervisor does where a file is missing. */
const OTHERWISE: ReadonlyMap<string, string> = new Map([
  ['timeout-up', 'as long as it takes'],
  ['timeout-down', 'as long as it takes'],
  ['notification-fd', 'it does not say that it is ready'],
  ['timeout-kill', 'it is not killed'],
  ['timeout-finish', '5000'],
  ['max-death-tally', '100'],
  ['down-signal', 'TERM'],
  ['reload-signal', 'HUP'],
  ['on-failed', 'ignore'],
  ['on-done', 'ignore'],
  ['stable-after', '5000'],
  ['start-retries', 'without end'],
  ['restart-limit', 'without end'],
  ['restart-delay-factor', '2'],
  ['user', 'as the supervision tree'],
  ['supplementary-groups', 'those of the user'],
  ['working-directory', 'the service directory'],
  ['umask', 'as the supervision tree'],
  ['nice', 'as the supervision tree'],
  ['limits', 'as the supervision tree'],
]);

const LOG = 'log';
/** What a `log` says by being there. */
const BY_LOG: ReadonlySet<string> = new Set(['dependencies', 'producer-for']);

/** Null if there is no such service. `definitions`: of all sources. */
export function explainDefinition(
  database: Database,
  definitions: Iterable<SourceDefinition>,
  name: string,
): ExplainedDefinition | null {
  const service = serviceNamed(database, name);
  if (service === undefined) return null;
  const origin = originOf(definitions, name);
  const fields = [...graphFields(database, service), ...contentFields(database.definition(service))];
  return {
    database,
    service,
    fields: fields.map(([field, value]) => ({
      name: field,
      value,
      otherwise: OTHERWISE.get(field) ?? null,
      from: origin === null ? null : placeOf(origin, field, isSaid(value)),
    })),
  };
}

interface Origin {
  readonly definition: SourceDefinition;
  /** The file of it that all else comes from: it is the logger that this file asks for. */
  readonly logger: string | null;
}

/** Its own definition, that of its template, or that of the service whose log it writes. */
function originOf(definitions: Iterable<SourceDefinition>, name: string): Origin | null {
  const all = [...definitions];
  const find = (wanted: string) => all.find((definition) => definition.name === wanted);
  const template = (wanted: string) => (wanted.includes('@') ? find(`${wanted.split('@', 1)[0]}@`) : undefined);
  const own = find(name) ?? template(name);
  if (own !== undefined && !isLoggerOf(own, name)) return { definition: own, logger: null };
  const producer = all.find((definition) => loggerName(definition.name) === name) ?? own;
  return producer === undefined ? null : { definition: producer, logger: LOG };
}

/** `web@x-log` has the template of what it logs. */
function isLoggerOf({ name, entries }: SourceDefinition, logger: string): boolean {
  return name.endsWith('@') && logger.endsWith('-log') && entries.has(LOG);
}

function placeOf({ definition, logger }: Origin, field: string, isHere: boolean): ExplainedField['from'] {
  const { entries, path, lineOf } = definition;
  const top = field.split('/', 1)[0] ?? field;
  const own = logger ?? [top, `${top}.d`].find((candidate) => entries.has(candidate));
  const entry = own ?? (BY_LOG.has(field) && entries.has(LOG) ? LOG : undefined);
  if (entry === undefined || !isHere) return null;
  if (lineOf === undefined) return { path: `${path}/${entry}`, line: null };
  return { path, line: lineOf(entry) ?? null };
}

/** Nothing, which is what it is if nobody says otherwise. */
function isSaid(value: FieldValue): boolean {
  return value !== null && value !== '' && value !== false && !(Array.isArray(value) && value.length === 0);
}
