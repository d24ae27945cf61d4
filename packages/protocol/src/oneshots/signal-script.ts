/** A signal to all of a script that runs. */
import { constants } from 'node:os';
import { knownMembersOfSession } from '@muster/posix/process';
import { signalProcess } from '@muster/posix/signals';

const { SIGKILL } = constants.signals;

/**
 * `leader`: the shell around the script, and `toGroup` sends a signal to the group that it leads. Whether anything was there
 * to get it. Throws ErrnoException.
 */
export function signalScript(leader: number, signal: number, toGroup: (signal: number) => boolean): boolean {
  const others = knownMembersOfSession(leader).filter(({ pid }) => pid !== leader);
  // The shell catches the others, and tells how the script ended; KILL would take it away before it can.
  if (signal === SIGKILL && others.length > 0)
    return others.map((other) => signalProcess(other, signal)).includes(true);
  const isHeard = toGroup(signal);
  for (const other of others) if (other.group !== leader) signalProcess(other, signal);
  return isHeard;
}
