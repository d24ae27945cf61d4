/** `[program:NAME]` as a longrun, or a template where it has many processes. */
import type { Account } from '../account/account.ts';
import type { Directive } from '../account/directive.ts';
import { canHave } from '../definitions/settings.ts';
import type { ImportRequest } from '../format.ts';
import type { ImportedSettings, ServiceModel, SettingsFrom } from '../model/service.ts';
import { type Sourced, sourced } from '../model/value.ts';
import { commandOf } from './command.ts';
import type { Names } from './expansions.ts';
import type { IniSection } from './ini.ts';
import { outputsOf } from './output.ts';
import { SectionReader } from './section-reader.ts';
import { adviseOn } from './shell-forms.ts';
import { autorestart, boolean, exitCodes, integer, octal, signal, strings } from './values.ts';
import { waitsOf } from './waits.ts';

/** What `[supervisord]` says that holds for every program. */
export interface Inherited {
  /** Before anything of it is expanded. */
  readonly environment: Sourced<string> | null;
  readonly user: Sourced<string> | null;
  readonly minfds: Sourced<number> | null;
}

export interface ProgramContext {
  readonly account: Account;
  readonly request: ImportRequest;
  readonly names: Names;
  readonly inherited: Inherited;
  /** Its group's name, if it is in one. */
  readonly group: string | null;
  /** It is to be a oneshot. */
  readonly isOneshot: boolean;
  /** What those it waits for are. */
  readonly oneshots: ReadonlySet<string>;
}

export interface ImportedProgramSection {
  /** Null: nothing can be run, which is told. */
  readonly service: ServiceModel | null;
  readonly priority: Sourced<number> | null;
}

export function programName(section: string): string {
  return section.slice(section.indexOf(':') + 1).trim();
}

export function importProgram(section: IniSection, context: ProgramContext): ImportedProgramSection {
  const { account, request, inherited } = context;
  const program = programName(section.name);
  const group = context.group ?? program;
  const known = [['program_name', program] as const, ['group_name', group] as const];
  const reader = new SectionReader(section, context.names.with(known), account, program);
  const processes = processesOf(reader);
  const names = processes.in(context.names.with(known));
  const command = commandOf(reader, { names, inherited, request, group, instances: processes.instances });
  const { stdout, stderr } = outputsOf(reader, request.workingDirectory);
  const settings = settingsOf(reader, context);
  const priority = reader.value('priority', integer);
  const waits = waitsOf(reader, context.oneshots);
  const manual = manualOf(reader, waits.isWaiting);
  for (const key of ['stdout_capture_maxbytes', 'stderr_capture_maxbytes', 'serverurl']) tellGiven(reader, key);
  for (const key of ['stdout_events_enabled', 'stderr_events_enabled']) {
    const events = reader.value(key, boolean);
    if (events?.value === true)
      reader.change(events.from, 'has nothing that listens: the output goes where it would go without');
    else if (events !== null) reader.takes(events.from, 'run');
  }
  reader.close();
  if (command === null) return { service: null, priority };
  adviseOn(command.run, reader);
  const { instances } = processes;
  const service: ServiceModel = {
    name: instances === null ? program : `${program}@`,
    kind: context.isOneshot && instances === null ? 'oneshot' : 'longrun',
    header: reader.header,
    instances,
    run: command.run,
    environment: command.environment,
    settings: { ...settings, ...command.settings, ...nameAsOf(command.processName, program, group, reader) },
    relations: waits.relations,
    stdout,
    stderr,
    manual,
  };
  return { service, priority };
}

interface Processes {
  /** Null: there is one. */
  readonly instances: readonly string[] | null;
  in(names: Names): Names;
}

/** More than this nobody has on one machine. */
const MOST = 10_000;

function processesOf(reader: SectionReader): Processes {
  const count = reader.value('numprocs', (text) => {
    const number = integer(text);
    return number !== null && number >= 1 && number <= MOST ? number : null;
  });
  const start = reader.value('numprocs_start', integer);
  const first = start?.value ?? 0;
  const number = count?.value ?? 1;
  reader.takes([...(count?.from ?? []), ...(start?.from ?? [])], number > 1 ? 'default/contents.d' : 'run');
  if (number === 1)
    return {
      instances: null,
      in: (names) =>
        names.with([
          ['process_num', first],
          ['numprocs', 1],
        ]),
    };
  const instances = Array.from({ length: number }, (_, at) => String(first + at));
  return { instances, in: (names) => names.with([['numprocs', number]], new Set(['process_num'])) };
}

function manualOf(reader: SectionReader, isWaiting: boolean): Sourced<boolean> {
  const autostart = reader.value('autostart', boolean);
  if (autostart === null) return sourced(false, null);
  if (autostart.value || !isWaiting) return { ...autostart, value: !autostart.value };
  return { ...autostart, value: false, changed: 'is started by a boot, when what it waits for is up' };
}

function tellGiven(reader: SectionReader, key: string): void {
  const raw = reader.raw(key);
  if (raw !== null) reader.tell(raw.from, 'is not mapped');
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

function settingsOf(reader: SectionReader, { request, inherited }: ProgramContext): SettingsFrom {
  const settings: Writable<SettingsFrom> = {};
  const set = <Name extends keyof ImportedSettings>(name: Name, value: Sourced<ImportedSettings[Name]> | null) => {
    if (value !== null) Object.assign(settings, { [name]: value });
  };
  set('workingDirectory', sourced(request.workingDirectory, null));
  set('user', userOf(reader) ?? inherited.user);
  set('umask', reader.value('umask', octal));
  set('downSignal', reader.value('stopsignal', signal));
  set('timeoutKill', milliseconds(reader.value('stopwaitsecs', integer)) ?? sourced(10_000, null));
  const readyAfter = positive(reader, milliseconds(reader.value('startsecs', integer)) ?? sourced(1000, null));
  set('readyAfter', readyAfter);
  set('restart', reader.value('autorestart', autorestart) ?? sourced('on-failure', null));
  const codes = reader.value('exitcodes', exitCodes);
  set('successCodes', codes === null ? null : { ...codes, value: codes.value.map(String) });
  const retries = reader.value('startretries', integer) ?? sourced(3, null);
  if (readyAfter === null) reader.takes(retries.from, 'restart');
  else set('startRetries', retries);
  const asGroup = reader.value('stopasgroup', boolean);
  const killed = reader.value('killasgroup', boolean) ?? asGroup;
  if (asGroup?.value === true) set('stopGroup', { ...asGroup, value: true });
  if (killed?.value === true) set('killGroup', { ...killed, value: true });
  for (const each of [asGroup, killed]) if (each?.value === false) reader.takes(each.from, 'down-signal');
  const minfds = inherited.minfds;
  if (minfds !== null) set('limits', { ...minfds, value: [['nofile', String(minfds.value)]] });
  return settings;
}

function userOf(reader: SectionReader): Sourced<string> | null {
  const user = reader.text('user');
  if (user === null) return null;
  if (/^\d+$/.test(user.value)) return { ...user, changed: 'a number has no groups beside its own' };
  return { ...user, changed: 'HOME, USER, LOGNAME and SHELL are those of the user; supervisord leaves its own' };
}

function milliseconds(seconds: Sourced<number> | null): Sourced<number> | null {
  return seconds === null ? null : { ...seconds, value: Math.max(0, seconds.value) * 1000 };
}

/** `startsecs=0`: it counts as started at once. */
function positive(reader: SectionReader, after: Sourced<number>): Sourced<number> | null {
  if (after.value > 0) return after;
  reader.takes(after.from, 'run');
  return null;
}

/** Where supervisord's name is not the usual one. */
function nameAsOf(
  name: Sourced<string> | null,
  program: string,
  group: string,
  reader: SectionReader,
): Pick<SettingsFrom, 'supervisorName'> {
  if (name === null) return {};
  if (name.value === program && group === program) reader.takes(name.from, 'run');
  else if (canHave('supervisorName', 'longrun'))
    return { supervisorName: { ...name, value: `${group}:${name.value}` } };
  else reader.change(name.from, `${group}:${name.value} is ${program}${name.value.includes('%i') ? '@%i' : ''} here`);
  return {};
}

/** Names of the programs that a group has. */
export function membersOf(reader: SectionReader): Sourced<readonly string[]> | null {
  return reader.value('programs', strings);
}

export function directivesOf(values: readonly (Sourced<unknown> | null)[]): readonly Directive[] {
  return values.flatMap((value) => value?.from ?? []);
}
