/**
 * The generated `run`. It exists only if the definition asks for something that the supervisor does not do by itself;
 * the author's own is then called `run.user`. It prepares what was asked for and becomes the author's `run`, in the
 * same process.
 */
import type { Database, ServiceId } from '@muster/core/model/database';
import type { Longrun } from '@muster/core/model/definition';
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
  const command = prefixCommand(longrun.process);
  // runsv passes no name, and leaves the daemon in its own session and process group.
  const isolated = target.backend === 'runit' ? 'setsid ' : '';
  if (lines.length === 0 && command === '' && isolated === '' && longrun.logger === null) return null;
  const name = quoted(database.names[id]!);
  const loaded = longrun.loadEnvironment ? '"$@" ' : '';
  const program = longrun.logger === null ? userRun(database, id, target) : loggerCommand(longrun, target);
  const argument = longrun.logger === null ? ` ${name}` : '';
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

/** By its whole path, since the working directory may have changed. */
function userRun(database: Database, id: ServiceId, { live }: Target): string {
  return quoted(`${live}/services/${database.names[id]!}/run.user`);
}

function lock({ lockFd }: Longrun): string[] {
  if (lockFd === null || lockFd > GREATEST_SHELL_DESCRIPTOR) return [];
  return [
    `exec ${lockFd}>>.muster/lock`,
    `flock -n ${lockFd} || { echo "$0: another instance is still running, waiting for its end" >&2; flock ${lockFd}; }`,
  ];
}

function loggerCommand({ logger }: Longrun, { muster }: Target): string {
  const { directory, size, keep, timestamp, prefix, select } = logger!;
  const words = [muster, 'logger', '--size', String(size), '--keep', String(keep), '--timestamp', timestamp];
  if (prefix !== '') words.push(`--prefix=${prefix}`);
  for (const { action, pattern } of select) words.push(`--${action}=${pattern}`);
  return [...words, '--', directory].map(quoted).join(' ');
}
