/**
 * Readiness where the supervisor cannot find it out by itself: a small poller beside the daemon, started by the
 * generated `run`, which tells the supervisor and ends.
 *
 * On s6 it writes a newline to the notification descriptor. On runit, which knows no readiness, it writes the daemon's
 * pid to `supervise/muster-ready`: the service is ready while that is the pid of the running process. There a daemon that
 * notifies writes into a FIFO that the poller reads.
 */
import type { Longrun } from '@muster/core/model/definition';
import { FIRST_PATIENCE, LONGEST_PATIENCE } from '@muster/protocol/check-patience';
import type { BackendKind } from '@muster/store/live/backend';
import { STATE_DIRECTORY } from '@muster/store/live/service-files';
import { GREATEST_SHELL_DESCRIPTOR, quoted, seconds } from './shell.ts';

/** In `supervise/`, so that whoever watches that directory for runsv's own changes sees this one too. */
export const READY_FILE = 'supervise/muster-ready';
/** Milliseconds between looks whether the daemon that is not ready yet has died. */
const LOOK = 1000;
/** What sh says of a child that SIGKILL has ended. */
const KILLED = 137;

/** The service has a rule of readiness that a script must watch over. */
export function needsPoller(longrun: Longrun, backend: BackendKind): boolean {
  if (backend === 'embedded') return false;
  // As in the embedded tree, one rule counts: a notification before a check, and a check before an age.
  if (longrun.notificationFd !== null) return backend === 'runit';
  return longrun.readyCheck !== null || longrun.readyAfter !== null;
}

/** The descriptor that s6 listens on: the daemon's own, or a free one for the poller. */
export function notificationDescriptor(longrun: Longrun, backend: BackendKind): number | null {
  if (longrun.notificationFd !== null) return longrun.notificationFd;
  if (backend !== 's6' || !needsPoller(longrun, backend)) return null;
  return longrun.lockFd === 3 ? 4 : 3;
}

export function startPoller(name: string, longrun: Longrun, backend: BackendKind): string[] {
  switch (backend) {
    case 'embedded':
      return [];
    case 's6': {
      const descriptor = notificationDescriptor(longrun, backend)!;
      return [...poller(name, longrun, [`printf '\\n' >/proc/self/fd/${descriptor}`]), `exec ${descriptor}>&-`];
    }
    case 'runit': {
      const tell = tellReady('$1');
      const lines = [`rm -f ${READY_FILE}`];
      const { notificationFd, lockFd } = longrun;
      if (notificationFd === null) return [...lines, ...poller(name, longrun, tell)];
      if (notificationFd > GREATEST_SHELL_DESCRIPTOR) return lines;
      return [...lines, ...listener(notificationFd, lockFd, tellReady('$$'))];
    }
  }
}

function tellReady(pid: string): string[] {
  return [`echo ${pid} >${READY_FILE}.new`, `mv ${READY_FILE}.new ${READY_FILE}`];
}

/** Twice in the background, so that the daemon gets no child that it knows nothing of. */
function detached(lockFd: number | null, body: readonly string[]): string[] {
  const lock = lockFd === null || lockFd > GREATEST_SHELL_DESCRIPTOR ? '' : ` ${lockFd}>&-`;
  return ['( (', ...body.map((line) => `  ${line}`), `) & ) </dev/null >/dev/null 2>&1${lock}`];
}

/**
 * Polls while the daemon, which will have the pid of this script, lives. The check may hang: all that belongs to the
 * poller is a session of its own, which somebody else ends when the daemon has died.
 */
function poller(name: string, { readyCheck, readyAfter, lockFd }: Longrun, tell: readonly string[]): string[] {
  const body: string[] = [];
  if (readyCheck === null) body.push(`sleep ${seconds(readyAfter!)}`);
  else {
    // `timeout` makes a process group of its own, which ends with the poller.
    const check = `timeout -s KILL $limit ./ready-check ${quoted(name)} & check=$!; wait $check`;
    body.push(
      `limit=${FIRST_PATIENCE / 1000}`,
      "trap 'kill -s KILL -- -$check; exit' TERM",
      `until ${check}; do`,
      `  [ $? -ne ${KILLED} ] || limit=$((limit * 2))`,
      `  [ $limit -le ${LONGEST_PATIENCE / 1000} ] || limit=${LONGEST_PATIENCE / 1000}`,
      `  sleep ${seconds(readyCheck.interval)}; kill -0 $1 || exit`,
      'done',
    );
  }
  body.push('kill -0 $1 || exit', ...tell);
  return detached(lockFd, [
    `setsid sh -c ${quoted(body.join('\n'))} ready $$ & poller=$!`,
    `while sleep ${seconds(LOOK)} && kill -0 $poller; do`,
    `  kill -0 $$ || { kill -s TERM $poller; sleep ${seconds(LOOK)}; kill -s KILL -- -$poller; exit; }`,
    'done',
  ]);
}

/** A FIFO in place of the supervisor's notification pipe; end of file without a line: the daemon died before. */
function listener(descriptor: number, lockFd: number | null, tell: readonly string[]): string[] {
  const fifo = `${STATE_DIRECTORY}/notify`;
  return [
    `rm -f ${fifo} && mkfifo ${fifo} || exit 111`,
    ...detached(lockFd, [`read -r line <${fifo} || exit`, ...tell]),
    `exec ${descriptor}>${fifo}`,
  ];
}
