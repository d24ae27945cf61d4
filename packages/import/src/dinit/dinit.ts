/** dinit's service descriptions as a format: files, or directories of them. What becomes what: docs/moving/dinit.md. */
import { basename, join } from 'node:path';
import { nearest } from '@muster/core/compile/nearest';
import { failure, success } from '@muster/core/result';
import type { Account } from '../account/account.ts';
import type { Directive } from '../account/directive.ts';
import type { FileReader } from '../files/reader.ts';
import type { ImportFormat, ImportProblem } from '../format.ts';
import type { ImportedProgram, OutputLog, Relation, ServiceModel, SettingsFrom } from '../model/service.ts';
import { type Sourced, sourced } from '../model/value.ts';
import { Description, descriptionWords, readDescription } from './description.ts';

/** The service that a boot starts, with what it needs. */
const BOOT = 'boot';
const UNMAPPED =
  'options load-options env-file chain-to smooth-recovery pid-file socket-listen socket-permissions socket-uid socket-gid inittab-id inittab-line consumer-of ioprio oom-score-adj run-in-cgroup capabilities securebits depends-on.d depends-ms.d waits-for.d log-buffer-size logfile-permissions logfile-uid logfile-gid'.split(
    ' ',
  );
const KNOWN = [
  ...UNMAPPED,
  ...'type command stop-command working-dir run-as depends-on depends-ms waits-for before after restart restart-delay restart-limit-interval restart-limit-count start-timeout stop-timeout term-signal ready-notification logfile log-type nice description'.split(
    ' ',
  ),
];
const TYPES = ['process', 'bgprocess', 'scripted', 'internal', 'triggered'];

export const dinit: ImportFormat = {
  name: 'dinit',
  summary: "dinit's service descriptions, or directories of them",
  choices: {},
  detect(path, files) {
    if (files.kindOf(path) === 'directory')
      return (files.list(path) ?? []).some((name) => isDescription(join(path, name), files));
    return isDescription(path, files);
  },
  read({ paths }, files, account) {
    const problems: ImportProblem[] = [];
    const descriptions: Description[] = [];
    const all = paths.flatMap((path) =>
      files.kindOf(path) === 'directory' ? (files.list(path) ?? []).map((name) => join(path, name)) : [path],
    );
    for (const path of all) {
      if (files.kindOf(path) === 'directory') continue;
      const read = files.text(path);
      if (!read.ok) {
        problems.push({
          file: path,
          message: read.problem,
          hint: 'name a service description, or a directory of them',
        });
        continue;
      }
      const description = new Description(basename(path), account);
      readDescription(account.open(path, read.value), description);
      descriptions.push(description);
    }
    if (problems.length > 0) return failure(problems);
    const started = startedBy(descriptions);
    const services = descriptions.flatMap((each) => importDescription(each, started.has(each.name), account));
    return success({ kind: 'models', services, bundles: [] });
  },
};

function isDescription(path: string, files: FileReader): boolean {
  const read = files.kindOf(path) === 'file' ? files.text(path) : null;
  return read?.ok === true && new RegExp(`^\\s*type\\s*[=:]\\s*(${TYPES.join('|')})\\s*$`, 'm').test(read.value);
}

/** What `boot` brings up; everything, where there is no `boot`. */
function startedBy(descriptions: readonly Description[]): ReadonlySet<string> {
  const byName = new Map(descriptions.map((each) => [each.name, each]));
  if (!byName.has(BOOT)) return new Set(byName.keys());
  const started = new Set<string>();
  const waiting = [BOOT];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (started.has(name)) continue;
    started.add(name);
    for (const key of ['depends-on', 'depends-ms', 'waits-for'])
      waiting.push(...(byName.get(name)?.all(key) ?? []).map(({ value }) => value));
  }
  return started;
}

const RELATIONS: readonly (readonly [key: string, kind: Relation['kind']])[] = [
  ['depends-on', 'needs'],
  ['depends-ms', 'needs'],
  ['waits-for', 'wants'],
  ['after', 'after'],
  ['before', 'before'],
];

function importDescription(description: Description, isStarted: boolean, account: Account): ServiceModel[] {
  const { name } = description;
  const tell = (value: Sourced<unknown> | null, message: string) =>
    account.settle(value?.from ?? [], { result: 'told', service: name, message });
  const type = description.last('type');
  const kind = type?.value === 'process' || type?.value === 'bgprocess' ? 'longrun' : 'oneshot';
  const command = program(description.last('command'), tell);
  const stop = program(description.last('stop-command'), tell);
  const unsaid = TOLD_TYPES[type?.value ?? ''];
  if (unsaid !== undefined) tell(type, unsaid);
  else account.settle(type?.from ?? [], { result: 'taken', service: name, into: ['type'] });
  if (kind === 'longrun') tell(stop, 'a longrun has no script for that');
  const model: ServiceModel = {
    name,
    kind,
    header: null,
    instances: null,
    ...descriptionOf(description),
    run: command ?? sourced({ kind: 'script', text: '#!/bin/sh\n' }, null),
    ...(kind === 'oneshot' && stop !== null ? { down: stop } : {}),
    environment: [],
    settings: { ...settingsOf(description), ...(kind === 'oneshot' ? {} : longrunSettings(description, account)) },
    relations: RELATIONS.flatMap(([key, kind]) =>
      description.all(key).map(({ value, from }) => ({ kind, name: value, from })),
    ),
    stdout: outputOf(description, account),
    stderr: null,
    manual: sourced(!isStarted, null),
  };
  const isMade = kind === 'oneshot' || command !== null;
  if (!isMade) tell(type, 'has no command: no service is made of it');
  settleRest(description, new Set(isMade ? directivesIn(model) : []), account);
  return isMade ? [model] : [];
}

const TOLD_TYPES: Readonly<Record<string, string>> = {
  bgprocess: 'goes into the background: give it the option that keeps it in the foreground',
  triggered: 'is up when it is started: nothing triggers it',
};

/** `taken`: what the files of the service will say. */
function settleRest({ name, rest }: Description, taken: ReadonlySet<Directive>, account: Account): void {
  for (const directive of rest) {
    if (taken.has(directive)) continue;
    const isKnown = KNOWN.includes(directive.key) || /^rlimit-|\+$/.test(directive.key);
    const [near] = isKnown ? [] : nearest(directive.key, KNOWN);
    const hint = near === undefined ? {} : { hint: `did you mean ${near}?` };
    const message = isKnown ? 'is not mapped' : 'is not known';
    account.settle([directive], { result: 'told', service: name, message, ...hint });
  }
}

function directivesIn({ run, down, settings, relations, stdout, description }: ServiceModel) {
  const values = [run, down, stdout, description, ...Object.values(settings)];
  return [...values.flatMap((value) => value?.from ?? []), ...relations.flatMap(({ from }) => from)];
}

function descriptionOf(description: Description): Pick<ServiceModel, 'description'> {
  const text = description.last('description');
  return text === null ? {} : { description: text };
}

function program(
  value: Sourced<string> | null,
  tell: (value: Sourced<unknown>, message: string) => void,
): Sourced<ImportedProgram> | null {
  if (value === null) return null;
  const words = descriptionWords(value.value);
  if (words !== null && words.length > 0) return { from: value.from, value: { kind: 'words', words } };
  tell(value, words === null ? 'a quote is never closed' : 'is empty');
  return null;
}

function milliseconds(value: Sourced<string> | null): Sourced<number> | null {
  const seconds = Number(value?.value);
  return value === null || !Number.isFinite(seconds) || seconds < 0
    ? null
    : { from: value.from, value: Math.round(seconds * 1000) };
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/** Of every kind. */
function settingsOf(description: Description): SettingsFrom {
  const kind = description.last('type')?.value;
  const stop = milliseconds(description.last('stop-timeout')) ?? sourced(10_000, null);
  const user = description.last('run-as');
  return {
    workingDirectory: description.last('working-dir') ?? sourced('/', null),
    ...(user === null ? {} : { user }),
    timeoutUp: milliseconds(description.last('start-timeout')) ?? sourced(60_000, null),
    ...(kind === 'process' || kind === 'bgprocess' ? { timeoutKill: stop } : { timeoutDown: stop }),
  };
}

function longrunSettings(description: Description, account: Account): SettingsFrom {
  const settings: Writable<SettingsFrom> = {};
  const nice = description.last('nice');
  const signal = description.last('term-signal');
  if (nice !== null && /^-?\d+$/.test(nice.value)) settings.nice = { ...nice, value: Number(nice.value) };
  if (signal !== null) settings.downSignal = { ...signal, value: signal.value.replace(/^SIG/, '') };
  const ready = description.last('ready-notification');
  const [, descriptor] = /^pipefd:(\d+)$/.exec(ready?.value ?? '') ?? [];
  if (ready !== null && descriptor !== undefined) settings.notificationFd = { ...ready, value: Number(descriptor) };
  return { ...settings, ...restarts(description, account) };
}

const POLICIES: Readonly<Record<string, 'always' | 'on-failure'>> = {
  yes: 'always',
  true: 'always',
  'on-failure': 'on-failure',
};

function restarts(description: Description, account: Account): SettingsFrom {
  const restart = description.last('restart');
  const policy = POLICIES[restart?.value ?? ''] ?? 'never';
  const delay = milliseconds(description.last('restart-delay'));
  const interval = milliseconds(description.last('restart-limit-interval'));
  const count = description.last('restart-limit-count');
  const limits = [...(interval?.from ?? []), ...(count?.from ?? [])];
  const settings: SettingsFrom = { restart: { value: policy, from: restart?.from ?? [] } };
  const service = description.name;
  if (policy === 'never') {
    const from = [...limits, ...(delay?.from ?? [])];
    account.settle(from, { result: 'ignored', service, message: 'means nothing to what is not started again' });
    return settings;
  }
  const restartDelay = sourced(String(delay?.value ?? 200), delay?.from ?? null);
  if (interval?.value === 0 || count?.value === '0') {
    account.settle(limits, { result: 'taken', service, into: ['restart'] });
    return { ...settings, restartDelay };
  }
  const most = Number(count?.value ?? 3) || 3;
  return { ...settings, restartDelay, restartLimit: sourced(`${most}/${interval?.value ?? 10_000}`, limits) };
}

function outputOf(description: Description, account: Account): Sourced<OutputLog> | null {
  const file = description.last('logfile');
  const type = description.last('log-type');
  const from = [...(file?.from ?? []), ...(type?.from ?? [])];
  if (type?.value === 'none' || type?.value === 'buffer' || (file === null && type !== null)) {
    account.settle(from, {
      result: 'changed',
      service: description.name,
      message: "what it says is in the tree's log: rc-log shows it",
    });
    return null;
  }
  return file === null ? null : sourced({ to: { kind: 'file', path: file.value }, size: null, keep: 10 }, from);
}
