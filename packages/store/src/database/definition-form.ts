/**
 * A definition as a map with named fields: docs/database-format.md says it for people, and for other languages. Fields have
 * the names that a source has them under where there is one, and one that says nothing is left out.
 */
import type {
  Definition,
  Directory,
  FileEntry,
  Longrun,
  Oneshot,
  OneshotCommand,
  ProcessAttributes,
  RegularFile,
  SymbolicLink,
} from '@muster/core/model/definition';
import { LOG_MODE, type LogDirectives, TIMESTAMPS } from '@muster/core/model/log-directives';
import { perLongrunSetting } from '@muster/core/model/longrun-settings';
import {
  ALWAYS,
  isUsualSuccess,
  RESTART_POLICIES,
  type RestartLimit,
  type RestartPolicy,
} from '@muster/core/model/restart-policy';
import {
  BYTES,
  type Form,
  field,
  fieldIfGiven,
  fieldOrNull,
  fieldUnless,
  flag,
  integer,
  list,
  literal,
  mapOf,
  record,
  TEXT,
} from './form.ts';

export const NUMBER = integer(0, 0xffffffff);

const FILE = record<Omit<RegularFile, 'kind'>>({
  path: field('path', TEXT),
  mode: field('mode', NUMBER),
  content: field('content', BYTES),
});
const DIRECTORY = record<Omit<Directory, 'kind'>>({ path: field('path', TEXT), mode: field('mode', NUMBER) });
const LINK = record<Omit<SymbolicLink, 'kind'>>({ path: field('path', TEXT), target: field('target', TEXT) });

/** What it is follows from what it has. */
const ENTRY: Form<FileEntry> = {
  write(entry) {
    switch (entry.kind) {
      case 'file':
        return FILE.write(entry);
      case 'directory':
        return DIRECTORY.write(entry);
      case 'link':
        return LINK.write(entry);
    }
  },
  read(packed) {
    const map = mapOf(packed);
    if (Object.hasOwn(map, 'content')) return { kind: 'file', ...FILE.read(map) };
    if (Object.hasOwn(map, 'target')) return { kind: 'link', ...LINK.read(map) };
    return { kind: 'directory', ...DIRECTORY.read(map) };
  },
};

const RESTART = record<RestartPolicy>({
  policy: field('policy', literal(...RESTART_POLICIES)),
  delayMin: field('delay-min', NUMBER),
  delayMax: field('delay-max', NUMBER),
  limit: fieldOrNull('limit', record<RestartLimit>({ count: field('count', NUMBER), window: field('window', NUMBER) })),
  successCodes: fieldUnless<readonly string[]>('success-codes', list(TEXT), ALWAYS.successCodes, (successCodes) =>
    isUsualSuccess({ successCodes }),
  ),
});

function isAlways(restart: RestartPolicy): boolean {
  const { policy, delayMin, delayMax, limit } = restart;
  const isPlain = policy === ALWAYS.policy && limit === null && isUsualSuccess(restart);
  return isPlain && delayMin === ALWAYS.delayMin && delayMax === ALWAYS.delayMax;
}

/** From resource to value, in the order of the resources. */
const LIMITS: Form<NonNullable<ProcessAttributes['limits']>> = {
  write: (limits) => Object.fromEntries(limits),
  read: (packed) => Object.entries(mapOf(packed)).map(([resource, value]) => [resource, TEXT.read(value)] as const),
};

const PROCESS = record<ProcessAttributes>({
  user: fieldIfGiven('user', TEXT),
  supplementaryGroups: fieldIfGiven('supplementary-groups', list(TEXT)),
  workingDirectory: fieldIfGiven('working-directory', TEXT),
  umask: fieldIfGiven('umask', NUMBER),
  nice: fieldIfGiven('nice', integer(-20, 19)),
  limits: fieldIfGiven('limits', LIMITS),
});

const LOGGER = record<LogDirectives>({
  directory: field('directory', TEXT),
  size: field('size', NUMBER),
  keep: field('keep', NUMBER),
  timestamp: field('timestamp', literal(...TIMESTAMPS)),
  prefix: field('prefix', TEXT),
  mode: fieldUnless('mode', NUMBER, LOG_MODE),
  link: fieldOrNull('file', TEXT),
  select: field(
    'select',
    list(
      record<LogDirectives['select'][number]>({
        action: field('action', literal('include', 'exclude')),
        pattern: field('pattern', TEXT),
      }),
    ),
  ),
});

const SETTINGS = perLongrunSetting({
  number: (file) => fieldOrNull(file, NUMBER),
  duration: (file) => fieldOrNull(file, NUMBER),
  descriptor: (file) => fieldOrNull(file, NUMBER),
  signal: (file) => fieldOrNull(file, TEXT),
  sequel: (file) => fieldOrNull(file, TEXT),
  flag,
});

export const LONGRUN = record<Longrun>({
  type: field('type', literal('longrun')),
  files: fieldUnless<readonly FileEntry[]>('files', list(ENTRY), [], (files) => files.length === 0),
  ...SETTINGS,
  readyCheck: fieldOrNull(
    'ready-check',
    record<{ readonly interval: number }>({ interval: field('interval', NUMBER) }),
  ),
  restart: fieldUnless('restart', RESTART, ALWAYS, isAlways),
  process: fieldUnless<ProcessAttributes>('process', PROCESS, {}, (process) => Object.keys(process).length === 0),
  logger: fieldOrNull('logger', LOGGER),
  instance: fieldOrNull('instance', TEXT),
});

/** An array of words, or a bin that is a script. */
const COMMAND: Form<OneshotCommand> = {
  write: (command) => (command.form === 'argv' ? command.argv : command.content),
  read: (packed) =>
    Array.isArray(packed)
      ? { form: 'argv', argv: list(BYTES).read(packed) }
      : { form: 'script', content: BYTES.read(packed) },
};
const NOTHING: OneshotCommand = { form: 'argv', argv: [] };

function isNothing(command: OneshotCommand): boolean {
  return command.form === 'argv' && command.argv.length === 0;
}

const ONESHOT = record<Oneshot>({
  type: field('type', literal('oneshot')),
  up: fieldUnless('up', COMMAND, NOTHING, isNothing),
  down: fieldUnless('down', COMMAND, NOTHING, isNothing),
  reload: fieldOrNull('reload', COMMAND),
  instance: fieldOrNull('instance', TEXT),
});

export const DEFINITION: Form<Definition> = {
  write: (definition) => (definition.type === 'longrun' ? LONGRUN.write(definition) : ONESHOT.write(definition)),
  read: (packed) => (mapOf(packed).type === 'longrun' ? LONGRUN.read(packed) : ONESHOT.read(packed)),
};
