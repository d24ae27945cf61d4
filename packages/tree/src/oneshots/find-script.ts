/** Finding the shell around a script that was started at the moment when the runner was killed, before its pid was written down. */
import { pause } from '@muster/posix/pause';
import { commandLine, everyPid, isForkOf, type ProcessIdentity, processFacts, realUser } from '@muster/posix/process';
import type { RunningScript } from '@muster/protocol/oneshots/protocol';
import { EXIT_FILE } from '@muster/store/live/service-files';

/** Milliseconds from fork to exec. */
const LONGEST_EXEC = 1000;

/**
 * The process of `running`, as the status of the oneshot in `directory` has it. Null if none runs. `waitUntil`, by
 * `performance.now`: until then a child of the runner that was killed may come to its exec.
 */
export function processOfScript(
  directory: string,
  { pid, startTime }: RunningScript,
  waitUntil = performance.now() + LONGEST_EXEC,
): ProcessIdentity | null {
  if (pid > 0 && startTime > 0) return { pid, startTime };
  for (;;) {
    const isForking = everyPid().some(isForkOf);
    const shell = everyPid().find((each) => isShellAround(each, directory));
    const facts = shell === undefined ? null : processFacts(shell);
    if (facts !== null) return { pid: shell!, startTime: facts.startTime };
    if (!isForking || performance.now() > waitUntil) return null;
    pause(1);
  }
}

/** Its words are known, and anybody can have them; that this user began it, nobody else can imitate. */
function isShellAround(pid: number, directory: string): boolean {
  return commandLine(pid)?.[4] === `${directory}/${EXIT_FILE}` && realUser(pid) === process.geteuid!();
}
