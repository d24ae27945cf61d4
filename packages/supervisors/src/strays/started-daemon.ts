/**
 * `supervise/muster-daemon`: which process a service's daemon is, written by the command that had it started under s6 or runit.
 * Should its supervisor be killed, nothing else tells: the next one begins with a status of its own, and the daemon may have
 * changed its working directory. One line: pid and start time.
 */

import { identityOf, isRunning, type ProcessIdentity } from '@muster/posix/process';
import { readRegularText } from '@muster/posix/regular-file';
import { replaceFile } from '@muster/posix/replace-file';
import { DAEMON_FILE } from '@muster/store/live/service-files';

/** `directory`: of the service. It only helps: where there is no room for it, the service runs all the same. */
export function noteDaemon(directory: string, pid: number): void {
  const identity = identityOf(pid);
  if (identity === null) return;
  const path = `${directory}/${DAEMON_FILE}`;
  try {
    replaceFile(path, `${pid} ${identity.startTime}\n`, { policy: 'overwrite when full', mode: 0o666 });
  } catch {
    // Then it is known by its working directory alone.
  }
}

/** Null if none was noted, or it runs no more. */
export function notedDaemon(directory: string): ProcessIdentity | null {
  try {
    const [pid = 0, startTime = 0] = readRegularText(`${directory}/${DAEMON_FILE}`).trim().split(' ').map(Number);
    return isRunning(pid, startTime) ? { pid, startTime } : null;
  } catch {
    return null;
  }
}
