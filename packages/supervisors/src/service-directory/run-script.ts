/**
 * The generated `run`. It exists only if the definition asks for something that the supervisor does not do by itself;
 * the author's own is then called `run.user`. It prepares what was asked for and becomes the author's `run`, in the
 * same process.
 */
import { nameOf } from '@muster/core/model/database';
import type { Longrun } from '@muster/core/model/definition';
import { LOG_MODE, type LogDirectives } from '@muster/core/model/log-directives';
import { isOpenFile } from '@muster/core/model/modes';
import { shebangOf } from '@muster/posix/interpreter';
import { isNoexec } from '@muster/posix/mounts';
import { AUTHORS_RUN, HELD_FILE, RUN_FILE, TROUBLE_FILE } from '@muster/store/live/service-files';
import type { RenderTarget } from '../supervisor-adapter.ts';
import { LOAD_ENVIRONMENT } from './environment.ts';
import { openPipes } from './pipes.ts';
import { prefixCommand, preparation, userEnvironment } from './process-attributes.ts';
import type { RenderedLongrun } from './render.ts';
import type { Shape } from './shape.ts';
import { quoted } from './shell.ts';

/** Null if the author's `run` is executed as it is. */
export function runScript(
  { database, id, longrun }: RenderedLongrun,
  target: RenderTarget,
  shape: Shape,
): string[] | null {
  const name = nameOf(database, id);
  const lines = [
    ...shape.begin(longrun),
    ...openPipes(database, id, target.live),
    ...shape.awaitReadiness(name, longrun),
  ];
  if (longrun.instance !== null) lines.push(`export RC_INSTANCE=${quoted(longrun.instance)}`);
  lines.push(...userEnvironment(longrun.process));
  if (longrun.loadEnvironment) lines.push(...LOAD_ENVIRONMENT);
  lines.push(...preparation(longrun.process));
  if (longrun.logger !== null)
    lines.push(...makeLogDirectory(longrun, longrun.logger, target), ...makeLink(longrun, longrun.logger, target));
  const command = prefixCommand(longrun.process);
  if (lines.length === 0 && command === '' && shape.isolation === null && longrun.logger === null) return null;
  const authors = userRun(target.live, name);
  const execution = [...interpreterFor(longrun, target.live).map(quoted), authors].join(' ');
  if (longrun.logger === null) lines.push(...handOver(longrun, authors));
  const loaded = longrun.loadEnvironment ? '"$@" ' : '';
  const isolated = shape.isolation === null ? '' : `${shape.isolation} `;
  const program = longrun.logger === null ? `${execution} ${quoted(name)}` : loggerCommand(longrun.logger, target);
  return [...lines, `exec ${loaded}${isolated}${command}${program}`];
}

/** A script that is not for everybody is for the user who executes it. */
function handOver({ files, process }: Longrun, authors: string): string[] {
  const run = files.find(({ path }) => path === RUN_FILE);
  if (process.user === undefined || run?.kind !== 'file' || isOpenFile(run.mode)) return [];
  return [`chown ${quoted(process.user)} ${authors}`];
}

/** Words before the author's `run`: its interpreter, where nothing can be executed. */
function interpreterFor({ files }: Longrun, live: string): readonly string[] {
  const run = files.find(({ path }) => path === RUN_FILE);
  if (run?.kind !== 'file' || !isNoexec(live)) return [];
  return shebangOf(run.content) ?? [];
}

/** By its whole path, since the working directory may have changed. */
function userRun(live: string, name: string): string {
  return quoted(`${live}/services/${name}/${AUTHORS_RUN}`);
}

function loggerCommand(
  { directory, size, keep, timestamp, prefix, mode, select }: LogDirectives,
  { muster }: RenderTarget,
): string {
  const words = [muster, 'logger', '--size', String(size), '--keep', String(keep), '--timestamp', timestamp];
  words.push('--trouble-fd', String(TROUBLE), '--held-fd', String(HELD));
  if (mode !== LOG_MODE) words.push('--mode', `0${mode.toString(8)}`);
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
function makeLogDirectory({ process }: Longrun, { directory }: LogDirectives, { muster }: RenderTarget): string[] {
  const files = `exec ${TROUBLE}<>${TROUBLE_FILE} ${HELD}<>${HELD_FILE}`;
  const { user } = process;
  if (user === undefined) return [files];
  const asked = `${prefixCommand({ user })}sh -c ${quoted(ASK)} sh ${quoted(directory)}`;
  const make = [muster, 'logger', '--make-for'].map(quoted).join(' ');
  return [files, `owner=$(${asked})`, `[ -z "$owner" ] || ${make} "$owner" -- ${quoted(directory)}`];
}

/** As root where the path is root's alone, else as the logger's user. The log is written without it, too. */
function makeLink({ process }: Longrun, { directory, link }: LogDirectives, { muster }: RenderTarget): string[] {
  if (link === null) return [];
  const make = [muster, 'logger', '--link', link, '--', directory].map(quoted).join(' ');
  const { user } = process;
  const asUser = user === undefined ? '' : ` || ${prefixCommand({ user })}${make}`;
  return [`[ "$(readlink ${quoted(link)})" = ${quoted(`${directory}/current`)} ] || ${make}${asUser} || :`];
}

/** Says who this user is if it cannot write a log there. */
const ASK =
  'for f in "$1/." "$1/current" "$1/lock"; do [ -w "$f" ] || { [ "$f" != "$1/." ] && [ ! -e "$f" ]; } || exec echo "$(id -u):$(id -g)"; done';
