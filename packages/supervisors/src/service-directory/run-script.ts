/**
 * The generated `run`. It exists only if the definition asks for something that the supervisor does not do by itself;
 * the author's own is then called `run.user`. It prepares what was asked for and becomes the author's `run`, in the
 * same process.
 */
import type { Database, ServiceId } from '@muster/core/model/database';
import type { Longrun } from '@muster/core/model/definition';
import type { LogDirectives } from '@muster/core/model/log-directives';
import { isOpenFile } from '@muster/core/model/modes';
import { HELD_FILE, STATE_DIRECTORY, TROUBLE_FILE } from '@muster/store/live/service-files';
import { LOAD_ENVIRONMENT } from './environment.ts';
import { rememberStart } from './finish-script.ts';
import { openPipes } from './pipes.ts';
import { prefixCommand, preparation } from './process-attributes.ts';
import { needsPoller, startPoller } from './readiness.ts';
import { GREATEST_SHELL_DESCRIPTOR, quoted } from './shell.ts';
import type { Target } from './target.ts';

/** Null: the author's `run` is executed as it is. */
export function runScript(database: Database, id: ServiceId, longrun: Longrun, target: Target): string[] | null {
  const lines = steps(database, id, longrun, target);
  if (longrun.logger !== null) lines.push(...makeLogDirectory(longrun, longrun.logger, target));
  const command = prefixCommand(longrun.process);
  // runsv passes no name, and leaves the daemon in its own session and process group.
  const isolated = target.backend === 'runit' ? 'setsid ' : '';
  if (lines.length === 0 && command === '' && isolated === '' && longrun.logger === null) return null;
  const name = quoted(database.names[id]!);
  const loaded = longrun.loadEnvironment ? '"$@" ' : '';
  const program = longrun.logger === null ? userRun(database, id, target) : loggerCommand(longrun.logger, target);
  const argument = longrun.logger === null ? ` ${name}` : '';
  if (longrun.logger === null) lines.push(...handOver(database, id, longrun, target));
  return [...lines, `exec ${loaded}${isolated}${command}${program}${argument}`];
}

function steps(database: Database, id: ServiceId, longrun: Longrun, target: Target): string[] {
  const lines = [...rememberStart(longrun, target.backend)];
  if (target.backend === 'runit') lines.push(...lock(longrun));
  lines.push(...openPipes(database, id, target));
  if (needsPoller(longrun, target.backend)) lines.push(...startPoller(database.names[id]!, longrun, target.backend));
  if (longrun.instance !== null) lines.push(`export RC_INSTANCE=${quoted(longrun.instance)}`);
  if (longrun.loadEnvironment) lines.push(...LOAD_ENVIRONMENT);
  lines.push(...preparation(longrun.process));
  return lines;
}

/** A script that is not for everybody is for the user who executes it. */
function handOver(database: Database, id: ServiceId, { files, process }: Longrun, target: Target): string[] {
  const run = files.find(({ path }) => path === 'run');
  if (process.user === undefined || run?.kind !== 'file' || isOpenFile(run.mode)) return [];
  return [`chown ${quoted(process.user)} ${userRun(database, id, target)}`];
}

/** By its whole path, since the working directory may have changed. */
function userRun(database: Database, id: ServiceId, { live }: Target): string {
  return quoted(`${live}/services/${database.names[id]!}/run.user`);
}

/** On runit, where the script itself takes the lock of `lock-fd`. */
export const LOCK_FILE = `${STATE_DIRECTORY}/lock`;

export function locks({ lockFd }: Longrun): boolean {
  return lockFd !== null && lockFd <= GREATEST_SHELL_DESCRIPTOR;
}

function lock(longrun: Longrun): string[] {
  if (!locks(longrun)) return [];
  const { lockFd } = longrun;
  return [
    `exec ${lockFd}>>${LOCK_FILE}`,
    `flock -n ${lockFd} || { echo "$0: another instance is still running, waiting for its end" >&2; flock ${lockFd}; }`,
  ];
}

function loggerCommand(
  { directory, size, keep, timestamp, prefix, select }: LogDirectives,
  { muster }: Target,
): string {
  const words = [muster, 'logger', '--size', String(size), '--keep', String(keep), '--timestamp', timestamp];
  words.push('--trouble-fd', String(TROUBLE), '--held-fd', String(HELD));
  if (prefix !== '') words.push(`--prefix=${prefix}`);
  for (const { action, pattern } of select) words.push(`--${action}=${pattern}`);
  return [...words, '--', directory].map(quoted).join(' ');
}

/** Descriptors. */
const TROUBLE = 3;
const HELD = 4;

/**
 * What a logger cannot do itself when it runs as another user: open the files that outlive it, and make its directory where
 * only root may. The user is asked first, since rc-logger is a program to start.
 */
function makeLogDirectory({ process }: Longrun, { directory }: LogDirectives, { muster }: Target): string[] {
  const files = `exec ${TROUBLE}<>${TROUBLE_FILE} ${HELD}<>${HELD_FILE}`;
  const { user } = process;
  if (user === undefined) return [files];
  const asked = `${prefixCommand({ user })}sh -c ${quoted(ASK)} sh ${quoted(directory)}`;
  const make = [muster, 'logger', '--make-for'].map(quoted).join(' ');
  return [files, `owner=$(${asked})`, `[ -z "$owner" ] || ${make} "$owner" -- ${quoted(directory)}`];
}

/** Says who this user is if it cannot write a log there. */
const ASK =
  'for f in "$1/." "$1/current" "$1/lock"; do [ -w "$f" ] || { [ "$f" != "$1/." ] && [ ! -e "$f" ]; } || exec echo "$(id -u):$(id -g)"; done';
