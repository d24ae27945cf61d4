/** A `.service` as a longrun or a oneshot. */
import type { Account } from '../account/account.ts';
import type { ImportRequest } from '../format.ts';
import type { OutputLog, ServiceModel, SettingsFrom } from '../model/service.ts';
import { type Sourced, sourced } from '../model/value.ts';
import { shWord } from '../words/sh.ts';
import { linesOf, longrunProgram, oneshotPrograms, reloadOf } from './commands.ts';
import { shLine } from './exec-line.ts';
import { UnitReader } from './reader.ts';
import { relationsOf } from './relations.ts';
import { settingsOf } from './settings.ts';
import type { SystemdUnit } from './unit-file.ts';
import { truth } from './values.ts';
import { expandSpecifiers, specifiersOf, splitWords } from './words.ts';

const SERVICE = 'Service';
/** In a template the instance is put in when a service starts. */
const INSTANCE = '%i';

export interface ServiceContext {
  readonly account: Account;
  readonly request: ImportRequest;
  readonly isHere: (unit: string) => boolean;
  readonly names: ReadonlyMap<string, string>;
  readonly isEnabled: boolean;
  /** Of a template. */
  readonly instances: readonly string[] | null;
}

/** None if there is nothing to run, which is told. With what must be made before it starts, if there is any. */
export function importService(unit: SystemdUnit, context: ServiceContext): readonly ServiceModel[] {
  const { account, request, instances } = context;
  const reader = new UnitReader(unit, account, specifiersOf(unit.name, instances === null ? null : INSTANCE));
  const type = reader.text(SERVICE, 'Type');
  const kind = type?.value === 'oneshot' || (type === null && isCommandless(unit)) ? 'oneshot' : 'longrun';
  const files = environmentFiles(reader);
  const directories = directoriesOf(reader);
  const settings = { ...settingsOf(reader, kind), ...reloadOf(reader, kind), ...typeOf(reader, type, kind) };
  const oneshot = kind === 'oneshot' ? oneshotPrograms(reader, files) : null;
  const isForking = type?.value === 'forking';
  const run = oneshot?.up ?? longrunProgram(reader, { files, root: request.root, isForking });
  const environment = environmentOf(reader);
  const finish = kind === 'longrun' ? afterwards(reader) : {};
  const relations = relationsOf(reader, context.isHere, context.names);
  const description = reader.text('Unit', 'Description');
  if (run === null) {
    if (unit.headers[0] !== undefined) reader.tell([unit.headers[0]], 'has no ExecStart: no service is made of it');
    return [];
  }
  const made = directories.length === 0 ? [] : [directoryService(unit, directories, settings)];
  const needs = made.map(({ name }) => ({ kind: 'needs' as const, name, from: [] }));
  const service: ServiceModel = {
    name: unit.stem,
    kind,
    header: unit.headers[0] ?? null,
    instances,
    ...(description === null ? {} : { description }),
    run,
    ...(oneshot?.down == null ? {} : { down: oneshot.down }),
    environment: [
      ...environment,
      ...directories.map(({ variable, paths }) => sourced([variable, paths.join(':')] as const, null)),
    ],
    settings: { ...settings, ...finish },
    relations: [...relations, ...needs],
    stdout: outputOf(reader, 'StandardOutput'),
    stderr: outputOf(reader, 'StandardError'),
    manual: sourced(!context.isEnabled, null),
  };
  for (const header of unit.headers.slice(1)) reader.take([header], 'type');
  return [...made, service];
}

function isCommandless(unit: SystemdUnit): boolean {
  return unit.all(SERVICE, 'ExecStart').length === 0 && unit.all(SERVICE, 'ExecStop').length > 0;
}

/** Readiness, by the type. */
function typeOf(reader: UnitReader, type: Sourced<string> | null, kind: 'longrun' | 'oneshot'): SettingsFrom {
  const bus = reader.text(SERVICE, 'BusName');
  const access = reader.text(SERVICE, 'NotifyAccess');
  const pidFile = reader.text(SERVICE, 'PIDFile');
  const remains = reader.value(SERVICE, 'RemainAfterExit', truth);
  if (remains !== null && kind === 'oneshot') reader.take(remains.from, 'type');
  else if (remains !== null) reader.tell(remains.from, 'a longrun that has ended is down');
  const notifies = type?.value === 'notify' || type?.value === 'notify-reload';
  if (access !== null && !notifies) reader.ignore(access.from, 'means nothing without Type=notify');
  if (pidFile !== null) reader.change(pidFile.from, 'is not looked at: the process that was started is the daemon');
  if (bus !== null && type?.value !== 'dbus') reader.ignore(bus.from, 'means nothing to readiness without Type=dbus');
  if (notifies && type !== null) {
    const from = [...type.from, ...(access?.from ?? [])];
    return { notify: sourced(access?.value === 'all' ? 'all' : 'main', from) };
  }
  if (type?.value === 'dbus' && bus !== null) {
    const ask = `dbus-send --system --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.NameHasOwner string:${shWord(bus.value)}`;
    return { readyCheck: sourced(`#!/bin/sh\n${ask} | grep -q 'boolean true'\n`, [...type.from, ...bus.from]) };
  }
  if (type?.value === 'idle') reader.change(type.from, 'is started without waiting for others');
  else if (type?.value === 'forking') reader.change(type.from, 'is started in the foreground');
  else if (type !== null) reader.take(type.from, 'type');
  return {};
}

function environmentOf(reader: UnitReader): readonly Sourced<readonly [string, string]>[] {
  const pairs = new Map<string, Sourced<readonly [string, string]>>();
  for (const directive of reader.unit.all(SERVICE, 'Environment')) {
    const words = splitWords(directive.value);
    if (!words.ok) {
      reader.ignore([directive], `systemd ignores it: ${words.problem}`);
      continue;
    }
    for (const word of words.value) {
      const expanded = expandSpecifiers(word, reader.specifiers);
      const at = word.indexOf('=');
      if (!expanded.ok) reader.tell([directive], expanded.problem);
      else if (at < 1) reader.ignore([directive], `systemd ignores ${word}, which is no NAME=VALUE`);
      else {
        const [name, value] = [expanded.value.slice(0, at), expanded.value.slice(at + 1)];
        const before = pairs.get(name);
        if (before !== undefined) reader.ignore(before.from, 'overridden');
        pairs.set(name, sourced([name, value] as const, directive));
      }
    }
  }
  for (const key of ['PassEnvironment', 'UnsetEnvironment'])
    for (const { from } of reader.words(SERVICE, key))
      reader.tell(from, 'is not mapped: a service has the environment of its tree');
  return [...pairs.values()];
}

function environmentFiles(reader: UnitReader): readonly Sourced<string>[] {
  return reader.unit.all(SERVICE, 'EnvironmentFile').flatMap((directive) => {
    const expanded = expandSpecifiers(directive.value, reader.specifiers);
    if (expanded.ok) return [sourced(expanded.value, directive)];
    reader.tell([directive], expanded.problem);
    return [];
  });
}

interface MadeDirectories {
  readonly paths: readonly string[];
  readonly mode: string;
  readonly variable: string;
  readonly from: Sourced<string>['from'];
}

const PLACES = [
  ['RuntimeDirectory', '/run', 'RUNTIME_DIRECTORY'],
  ['StateDirectory', '/var/lib', 'STATE_DIRECTORY'],
  ['CacheDirectory', '/var/cache', 'CACHE_DIRECTORY'],
  ['LogsDirectory', '/var/log', 'LOGS_DIRECTORY'],
  ['ConfigurationDirectory', '/etc', 'CONFIGURATION_DIRECTORY'],
] as const;

function directoriesOf(reader: UnitReader): readonly MadeDirectories[] {
  const preserve = reader.text(SERVICE, 'RuntimeDirectoryPreserve');
  if (preserve !== null) reader.change(preserve.from, 'the directory stays');
  return PLACES.flatMap(([key, place, variable]) => {
    const words = reader.words(SERVICE, key);
    const mode = reader.text(SERVICE, `${key}Mode`);
    if (words.length === 0) {
      if (mode !== null) reader.ignore(mode.from, `means nothing without ${key}`);
      return [];
    }
    const from = [...words.flatMap((word) => word.from), ...(mode?.from ?? [])];
    return [
      {
        paths: words.map(({ value }) => `${place}/${value.split(':')[0]}`),
        mode: mode?.value ?? '0755',
        variable,
        from,
      },
    ];
  });
}

/** Only root may make them, so they are made before the service starts. */
function directoryService(
  unit: SystemdUnit,
  directories: readonly MadeDirectories[],
  settings: SettingsFrom,
): ServiceModel {
  const [user = 'root', group] = (settings.user?.value ?? 'root').split(':');
  const owner = [`-o ${shWord(user)}`, `-g ${group === undefined ? `"$(id -gn -- ${shWord(user)})"` : shWord(group)}`];
  const lines = directories.map(({ paths, mode, variable }) => {
    const isConfiguration = variable === 'CONFIGURATION_DIRECTORY';
    return ['install', '-d', '-m', mode, ...(isConfiguration ? [] : owner), '--', ...paths.map(shWord)].join(' ');
  });
  const from = directories.flatMap((each) => each.from);
  const changed = 'are made by a oneshot that the service needs, once, and stay';
  return {
    name: `${unit.stem.replace(/@$/, '')}-directories`,
    kind: 'oneshot',
    header: null,
    instances: null,
    run: sourced({ kind: 'script', text: ['#!/bin/sh', 'set -e', ...lines, ''].join('\n') }, from, changed),
    environment: [],
    settings: {},
    relations: [],
    stdout: null,
    stderr: null,
    manual: sourced(true, null),
  };
}

function outputOf(reader: UnitReader, key: string): Sourced<OutputLog> | null {
  const word = reader.text(SERVICE, key);
  if (word === null) return null;
  const [, how, path = ''] = /^(file|append|truncate):(.*)$/.exec(word.value) ?? [];
  const log = { size: null, keep: 10 };
  if (how !== undefined) return { ...word, value: { to: { kind: 'file', path }, ...log } };
  if (word.value === 'null') return { ...word, value: { to: { kind: 'nowhere' }, ...log } };
  if (/^(journal|syslog|kmsg|inherit)/.test(word.value))
    reader.change(word.from, "is in the tree's log: rc-log shows it");
  else reader.tell(word.from, 'is not mapped');
  return null;
}

/** `ExecStopPost=`, which runs after each end, as `finish` does. */
function afterwards(reader: UnitReader): SettingsFrom {
  const input = reader.text(SERVICE, 'StandardInput');
  if (input?.value === 'null') reader.take(input.from, 'run');
  else if (input !== null) reader.tell(input.from, 'a service has no standard input');
  for (const key of ['ExecStartPost', 'ExecStop', 'ExecCondition'])
    for (const { from } of linesOf(reader, key)) reader.tell(from, 'a longrun has no script for that');
  for (const { from } of reader.words(SERVICE, 'Sockets')) reader.tell(from, 'sockets are not handed over');
  const post = linesOf(reader, 'ExecStopPost');
  if (post.length === 0) return {};
  const lines = post.map(({ line }) => `${shLine(line)} || ${line.mayFail ? ':' : 'exit'}`);
  const from = post.flatMap((each) => each.from);
  return {
    finish: sourced(['#!/bin/sh', ...lines, 'exit 0', ''].join('\n'), from, "runs as the tree's user, after each end"),
  };
}
