/**
 * A longrun's directory under runsv, which knows only `run`, `finish`, `check` and `control/*`. The scripts make up for the
 * rest: `finish` carries out restart policies and writes down how the process ended, `run` takes the lock and starts a poller,
 * which writes the daemon's pid to `supervise/muster-ready`: the service is ready while that is the pid of the process that
 * runs. A daemon that notifies writes into a FIFO that the poller reads.
 */
import type { Longrun } from '@muster/core/model/definition';
import {
  CONTROL_FIFO,
  EXIT_FILE_OF_RUNIT,
  LOCK_FILE,
  PID_FILE,
  READY_FILE,
  RUNSV_STATE,
  SETTING,
  STATE_DIRECTORY,
  SUPERVISE,
} from '@muster/store/live/service-files';
import { endSettings } from '../service-directory/end-settings.ts';
import { emptyDirectory, lockedFile, setting } from '../service-directory/file-entry.ts';
import { carriedOut, forgetFailure, hasFinish, hasPolicy } from '../service-directory/finish-script.ts';
import { isPolled, listener, poller } from '../service-directory/readiness.ts';
import { renderAs } from '../service-directory/render.ts';
import type { Shape } from '../service-directory/shape.ts';
import { GREATEST_SHELL_DESCRIPTOR, quoted } from '../service-directory/shell.ts';
import type { SupervisorAdapter } from '../supervisor-adapter.ts';
import { runitFiles } from './files.ts';

const WANTED = `wanted() { read -r stat <${RUNSV_STATE}; case $stat in *", want "*) return 1 ;; esac; }`;
/** A runsv that was told to exit would forget that if it were told `d` now, and stay. */
const GIVE_UP = `! wanted || printf d >${CONTROL_FIFO}; exit 0`;

const SHAPE: Shape = {
  begin: (longrun) => [...rememberStart(longrun), ...lock(longrun)],
  awaitReadiness,
  // runsv passes no name, and leaves the daemon in its own session and process group.
  isolation: 'setsid',
  finish: (name, longrun) => [
    ...argumentsOfS6(name),
    ...recordExit(),
    // By the time that `finish` has waited, the second is over that runsv waits by itself.
    ...carriedOut(longrun, {
      wanted: [WANTED],
      giveUp: GIVE_UP,
      wasReady: needsPoller(longrun) ? `[ -e ${READY_FILE} ]` : null,
      ownDelay: 0,
    }),
  ],
  kept: (longrun) => {
    const files = [emptyDirectory(SUPERVISE), emptyDirectory(STATE_DIRECTORY)];
    return locks(longrun) ? [...files, lockedFile(LOCK_FILE)] : files;
  },
  settings: (longrun) => {
    const files = runitFiles(longrun, { hasReadiness: needsPoller(longrun) });
    const settings = [...files, ...endSettings(longrun.restart)];
    return longrun.reloadSignal === null
      ? settings
      : [...settings, setting(SETTING.reloadSignal, longrun.reloadSignal)];
  },
};

export const render: SupervisorAdapter['render'] = (...words) => renderAs(SHAPE, ...words);

function needsPoller(longrun: Longrun): boolean {
  return longrun.notificationFd !== null || isPolled(longrun);
}

function rememberStart(longrun: Longrun): string[] {
  const lines = hasFinish(longrun) ? [`echo $$ >${PID_FILE}`] : [];
  return hasFinish(longrun) || hasPolicy(longrun) ? [...lines, forgetFailure()] : lines;
}

/** The script takes the lock of `lock-fd` itself. */
function locks({ lockFd }: Longrun): boolean {
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

function awaitReadiness(name: string, longrun: Longrun): string[] {
  if (!needsPoller(longrun)) return [];
  const { notificationFd, lockFd } = longrun;
  const lines = [`rm -f ${READY_FILE}`];
  if (notificationFd === null) return [...lines, ...poller(name, longrun, notifyReady('$1'))];
  if (notificationFd > GREATEST_SHELL_DESCRIPTOR) return lines;
  return [...lines, ...listener(notificationFd, lockFd, notifyReady('$$'))];
}

function notifyReady(pid: string): string[] {
  return [`echo ${pid} >${READY_FILE}.new`, `mv ${READY_FILE}.new ${READY_FILE}`];
}

/** runsv says -1 and a wait status; the author's finish is written for s6: 256 and a signal, the name, the group. */
function argumentsOfS6(name: string): string[] {
  return [
    'code=$1',
    '[ "$code" != -1 ] || code=256',
    'group=0',
    `[ ! -e ${PID_FILE} ] || read -r group <${PID_FILE}`,
    `set -- "$code" "$(($2 & 127))" ${quoted(name)} "$group"`,
  ];
}

/** Exit code, signal, and number of deaths so far, since runsv remembers none of them. */
function recordExit(): string[] {
  const file = EXIT_FILE_OF_RUNIT;
  return [
    'deaths=0',
    `[ ! -e ${file} ] || read -r _ _ deaths <${file}`,
    // By a rename: a reader sees the old line or the new one, and who watches is told.
    `echo "$1 $2 $((deaths + 1))" >${file}.new && mv ${file}.new ${file}`,
  ];
}
