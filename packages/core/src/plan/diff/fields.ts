/** A service or bundle as a list of fields, named as its files in a source are, so that two can be compared. */
import { type Edges, targetsOf } from '../../graph/edges.ts';
import {
  type BundleIndex,
  type Database,
  entryOf,
  hasFlag,
  LONGRUN,
  nameOf,
  onRestartOf,
  onUpdateOf,
  type ServiceId,
} from '../../model/database.ts';
import type { Definition, FileEntry, Longrun, OneshotCommand } from '../../model/definition.ts';
import { everyLongrunSetting } from '../../model/longrun-settings.ts';

/** `words` is an argument vector; a script of a oneshot is a file of its name. */
export type FieldValue =
  | string
  | number
  | boolean
  | null
  | readonly string[]
  | { readonly words: readonly Uint8Array[] }
  | FileEntry;

export type Fields = ReadonlyMap<string, FieldValue>;

/** What the database's columns say of a service: its place in the graph, its flags and timeouts. */
export function graphFields(database: Database, id: ServiceId): Fields {
  const named = (edges: Edges<ServiceId>): readonly string[] =>
    [...targetsOf(edges, id)].map((other) => nameOf(database, other)).sort();
  return new Map<string, FieldValue>([
    ['type', database.kinds[id] === LONGRUN ? 'longrun' : 'oneshot'],
    ['description', entryOf(database.descriptions, id)],
    ['dependencies', needsOf(database, id)],
    ['wants', named(database.wants)],
    ['after', named(database.after)],
    ['conflicts', named(database.conflicts)],
    ['producer-for', named(database.producerFor)],
    ['consumer-for', named(database.consumerFor)],
    ['flag-essential', hasFlag(database, id, 'essential')],
    ['flag-recommended', hasFlag(database, id, 'recommended')],
    ['flag-manual', hasFlag(database, id, 'manual')],
    ['flag-console', hasFlag(database, id, 'console')],
    ['timeout-up', entryOf(database.timeoutUp, id)],
    ['timeout-down', entryOf(database.timeoutDown, id)],
    ['on-update', onUpdateOf(database, id)],
    ['renamed-from', [...entryOf(database.renamedFrom, id)].sort()],
  ]);
}

/** What one of them does to the service when it is restarted by hand, where that is not a restart as well. */
function needsOf(database: Database, id: ServiceId): readonly string[] {
  return [...targetsOf(database.needs, id)]
    .map((need) => {
      const effect = onRestartOf(database, id, need);
      return effect === 'restart' ? nameOf(database, need) : `${database.names[need]} (${effect})`;
    })
    .sort();
}

export function bundleFields(database: Database, index: BundleIndex): Fields {
  return new Map<string, FieldValue>([
    ['type', 'bundle'],
    ['description', entryOf(database.bundleDescriptions, index)],
    ['contents', [...targetsOf(database.bundleMembers, index)].map((id) => nameOf(database, id)).sort()],
  ]);
}

/** What a supervisor runs: scripts, files and attributes. */
export function contentFields(definition: Definition): Fields {
  return definition.type === 'longrun' ? longrunFields(definition) : oneshotFields(definition);
}

function oneshotFields(definition: Extract<Definition, { type: 'oneshot' }>): Fields {
  const fields = new Map<string, FieldValue>([
    ['up', commandField('up', definition.up)],
    ['down', commandField('down', definition.down)],
  ]);
  if (definition.reload !== null) fields.set('reload', commandField('reload', definition.reload));
  if (definition.instance !== null) fields.set('instance', definition.instance);
  return fields;
}

function commandField(path: string, command: OneshotCommand): FieldValue {
  return command.form === 'script'
    ? { kind: 'file', path, mode: 0o755, content: command.content }
    : { words: command.argv };
}

function longrunFields(definition: Longrun): Fields {
  const { restart, process, logger } = definition;
  const fields = new Map<string, FieldValue>([
    ...everyLongrunSetting().map(([name, { file }]) => [file, definition[name]] as const),
    ['ready-check-interval', definition.readyCheck?.interval ?? null],
    ['restart', restart.policy],
    ['restart-delay', `${restart.delayMin}..${restart.delayMax}`],
    ['restart-limit', restart.limit === null ? null : `${restart.limit.count}/${restart.limit.window}`],
    ['success-codes', restart.successCodes],
    ['user', process.user ?? null],
    ['supplementary-groups', process.supplementaryGroups ?? []],
    ['working-directory', process.workingDirectory ?? null],
    ['umask', process.umask === undefined ? null : process.umask.toString(8).padStart(3, '0')],
    ['nice', process.nice ?? null],
    ['limits', (process.limits ?? []).map(([resource, value]) => `${resource} ${value}`)],
    ['log', logger === null ? null : JSON.stringify(logger)],
    ['instance', definition.instance],
  ]);
  for (const file of definition.files) fields.set(file.path, file);
  return fields;
}
