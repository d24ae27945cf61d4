/** Directives of `[Service]` that are settings: who it runs as, how it ends, what happens then. */
import type { ImportedSettings, SettingsFrom } from '../model/service.ts';
import { type Sourced, sourced } from '../model/value.ts';
import type { UnitReader } from './reader.ts';
import { limit, octal, signalName, timeSpan, truth, wholeNumber } from './values.ts';

const SERVICE = 'Service';
/** What systemd has where a unit says nothing, in milliseconds. */
const TIMEOUT = 90_000;
const RESTART_DELAY = 100;
/** Ends that are no failure to systemd. */
const SUCCESSES = ['0', 'HUP', 'INT', 'TERM', 'PIPE'];

const RESTARTS: Readonly<Record<string, ImportedSettings['restart']>> = {
  no: 'never',
  always: 'always',
  'on-failure': 'on-failure',
};
const APPROXIMATE: Readonly<Record<string, readonly [ImportedSettings['restart'], string]>> = {
  'on-success': ['always', 'is started again after a failure too'],
  'on-abnormal': ['on-failure', 'is started again after an exit code too'],
  'on-abort': ['on-failure', 'is started again after an exit code too'],
  'on-watchdog': ['never', 'there is no watchdog'],
};

const LIMITS =
  'AS CPU CORE DATA FSIZE LOCKS MEMLOCK MSGQUEUE NICE NOFILE NPROC RSS RTPRIO RTTIME SIGPENDING STACK'.split(' ');

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

export function settingsOf(reader: UnitReader, kind: 'longrun' | 'oneshot'): SettingsFrom {
  const settings: Writable<SettingsFrom> = {};
  const set = <Name extends keyof ImportedSettings>(name: Name, value: Sourced<ImportedSettings[Name]> | null) => {
    if (value !== null) Object.assign(settings, { [name]: value });
  };
  set('user', userOf(reader));
  const groups = reader.words(SERVICE, 'SupplementaryGroups');
  if (groups.length > 0)
    set(
      'groups',
      sourced(
        groups.map(({ value }) => value),
        groups.flatMap(({ from }) => from),
        "are its only ones beside its own: add the user's",
      ),
    );
  set('workingDirectory', directoryOf(reader));
  set('umask', reader.value(SERVICE, 'UMask', octal) ?? sourced(0o022, null));
  set('nice', reader.value(SERVICE, 'Nice', wholeNumber));
  set('limits', limitsOf(reader));
  timeouts(reader, kind, set);
  if (kind === 'longrun') ends(reader, set);
  return settings;
}

function userOf(reader: UnitReader): Sourced<string> | null {
  const user = reader.text(SERVICE, 'User');
  const group = reader.text(SERVICE, 'Group');
  if (group === null) return user;
  return { value: `${user?.value ?? 'root'}:${group.value}`, from: [...(user?.from ?? []), ...group.from] };
}

function directoryOf(reader: UnitReader): Sourced<string> {
  const directory = reader.text(SERVICE, 'WorkingDirectory');
  if (directory === null) return sourced('/', null);
  if (directory.value.endsWith('~')) {
    reader.tell(
      directory.from,
      'the home directory of its user is not looked up',
      'write its path into working-directory',
    );
    return sourced('/', null);
  }
  if (!directory.value.startsWith('-')) return directory;
  return { value: directory.value.slice(1), from: directory.from, changed: 'must be there' };
}

function limitsOf(reader: UnitReader): Sourced<ImportedSettings['limits']> | null {
  const limits = LIMITS.flatMap((name) => {
    const value = reader.value(SERVICE, `Limit${name}`, limit);
    return value === null ? [] : [{ name: name.toLowerCase(), value }];
  });
  if (limits.length === 0) return null;
  return sourced(
    limits.map(({ name, value }) => [name, value.value] as const),
    limits.flatMap(({ value }) => value.from),
  );
}

type Set = <Name extends keyof ImportedSettings>(name: Name, value: Sourced<ImportedSettings[Name]> | null) => void;

function timeouts(reader: UnitReader, kind: 'longrun' | 'oneshot', set: Set): void {
  const both = reader.value(SERVICE, 'TimeoutSec', timeSpan);
  const start = reader.value(SERVICE, 'TimeoutStartSec', timeSpan) ?? both;
  const stop = reader.value(SERVICE, 'TimeoutStopSec', timeSpan) ?? both;
  // A oneshot of systemd may take as long as it does.
  set('timeoutUp', start ?? sourced(kind === 'longrun' ? TIMEOUT : 0, null));
  if (kind === 'longrun') set('timeoutKill', stop ?? sourced(TIMEOUT, null));
  else set('timeoutDown', stop ?? sourced(TIMEOUT, null));
}

function ends(reader: UnitReader, set: Set): void {
  const restart = restartOf(reader);
  set('restart', restart);
  restarts(reader, restart.value === 'never', set);
  successes(reader, restart.value === 'always', set);
  set('downSignal', reader.value(SERVICE, 'KillSignal', signalName));
  set('reloadSignal', reader.value(SERVICE, 'ReloadSignal', signalName));
  const mode = reader.text(SERVICE, 'KillMode');
  if (mode !== null) set('killLeftovers', { ...mode, value: mode.value === 'control-group' ? 'on' : 'off' });
  for (const key of UNMAPPED) {
    const value = reader.text(SERVICE, key);
    if (value !== null && truth(value.value) === false) reader.take(value.from, 'run');
    else if (value !== null) reader.tell(value.from, 'is not mapped');
  }
}

const UNMAPPED = [
  ...['SendSIGHUP', 'FinalKillSignal', 'RestartKillSignal', 'TimeoutAbortSec', 'RuntimeMaxSec', 'WatchdogSec'],
  ...[
    'FileDescriptorStoreMax',
    'PAMName',
    'TTYPath',
    'PermissionsStartOnly',
    'NonBlocking',
    'RootDirectoryStartOnly',
    'IgnoreSIGPIPE',
  ],
];

function restarts(reader: UnitReader, isNever: boolean, set: Set): void {
  const delay = reader.value(SERVICE, 'RestartSec', timeSpan);
  const first = (keys: readonly string[], convert: (text: string) => number | null) =>
    ['Unit', SERVICE]
      .flatMap((section) => keys.map((key) => reader.value(section, key, convert)))
      .find((value) => value !== null);
  const burst = first(['StartLimitBurst'], wholeNumber);
  const interval = first(['StartLimitIntervalSec', 'StartLimitInterval'], timeSpan);
  const from = [...(burst?.from ?? []), ...(interval?.from ?? [])];
  if (isNever) {
    reader.ignore([...from, ...(delay?.from ?? [])], 'means nothing to what is not started again');
    return;
  }
  set('restartDelay', sourced(String(delay?.value ?? RESTART_DELAY), delay?.from ?? null));
  if (interval?.value === 0 || burst?.value === 0) reader.take(from, 'restart');
  else set('restartLimit', sourced(`${burst?.value ?? 5}/${interval?.value ?? 10_000}`, from));
}

function successes(reader: UnitReader, isAlways: boolean, set: Set): void {
  const words = reader.words(SERVICE, 'SuccessExitStatus');
  const more = words.map(({ value }) => value.replace(/^SIG/, '')).filter((code) => /^(\d+|[A-Z0-9+]+)$/.test(code));
  const from = words.flatMap((word) => word.from);
  if (isAlways) reader.take(from, 'restart');
  else set('successCodes', sourced([...new Set([...SUCCESSES, ...more])], from));
  for (const key of ['RestartPreventExitStatus', 'RestartForceExitStatus'])
    for (const word of reader.words(SERVICE, key))
      reader.tell(word.from, 'which ends are followed by a start, only restart and success-codes say');
}

function restartOf(reader: UnitReader): Sourced<ImportedSettings['restart']> {
  const word = reader.text(SERVICE, 'Restart');
  if (word === null) return sourced('never', null);
  const exact = RESTARTS[word.value];
  if (exact !== undefined) return { ...word, value: exact };
  const near = APPROXIMATE[word.value];
  if (near !== undefined) return { value: near[0], from: word.from, changed: near[1] };
  reader.ignore(word.from, `systemd ignores the value ${JSON.stringify(word.value)}`);
  return sourced('never', null);
}
