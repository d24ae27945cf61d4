/**
 * Fragments for readiness where the supervisor cannot find it out by itself: a small poller beside the daemon, started by the
 * generated `run`, which tells the supervisor and ends. As in the embedded tree, one rule counts: a notification before a
 * check, and a check before an age.
 */
import type { Longrun } from '@muster/core/model/definition';
import { FIRST_PATIENCE, LONGEST_PATIENCE } from '@muster/protocol/check-patience';
import { NOTIFY_FIFO, READY_CHECK_FILE } from '@muster/store/live/service-files';
import { GREATEST_SHELL_DESCRIPTOR, quoted, seconds } from './shell.ts';

/** Milliseconds between looks whether the daemon that is not ready yet has died. */
const LOOK = 1000;
/** What sh says of a child that SIGKILL has ended. */
const KILLED = 137;

/** Somebody has to look when the service is ready, since it does not say so itself. */
export function isPolled({ notificationFd, readyCheck, readyAfter }: Longrun): boolean {
  return notificationFd === null && (readyCheck !== null || readyAfter !== null);
}

/** Twice in the background, so that the daemon gets no child that it knows nothing of. */
function detached(lockFd: number | null, body: readonly string[]): string[] {
  const lock = lockFd === null || lockFd > GREATEST_SHELL_DESCRIPTOR ? '' : ` ${lockFd}>&-`;
  return ['( (', ...body.map((line) => `  ${line}`), `) & ) </dev/null >/dev/null 2>&1${lock}`];
}

/**
 * Polls while the daemon, which will have the pid of this script, lives. The check may hang: all that belongs to the
 * poller is a session of its own, which somebody else ends when the daemon has died. `tell` has the daemon's pid as `$1`.
 */
export function poller(name: string, { readyCheck, readyAfter, lockFd }: Longrun, notify: readonly string[]): string[] {
  const body: string[] = [];
  if (readyCheck === null) body.push(`sleep ${seconds(readyAfter!)}`);
  else {
    // `timeout` makes a process group of its own, which ends with the poller.
    const check = `timeout -s KILL $limit ./${READY_CHECK_FILE} ${quoted(name)} & check=$!; wait $check`;
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
  body.push('kill -0 $1 || exit', ...notify);
  return detached(lockFd, [
    `setsid sh -c ${quoted(body.join('\n'))} ready $$ & poller=$!`,
    `while sleep ${seconds(LOOK)} && kill -0 $poller; do`,
    `  kill -0 $$ || { kill -s TERM $poller; sleep ${seconds(LOOK)}; kill -s KILL -- -$poller; exit; }`,
    'done',
  ]);
}

/** A FIFO in place of the supervisor's notification pipe; end of file without a line: the daemon died before. */
export function listener(descriptor: number, lockFd: number | null, notify: readonly string[]): string[] {
  return [
    `rm -f ${NOTIFY_FIFO} && mkfifo ${NOTIFY_FIFO} || exit 111`,
    ...detached(lockFd, [`read -r line <${NOTIFY_FIFO} || exit`, ...notify]),
    `exec ${descriptor}>${NOTIFY_FIFO}`,
  ];
}
