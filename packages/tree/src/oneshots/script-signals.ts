/**
 * Signals to a script that runs, which reach all of it: the shell around it leads a session, and whatever the script starts
 * is in there, unless it begins another one as daemons do.
 */
import { constants } from 'node:os';
import { bootTime } from '@muster/posix/boot-time';
import { knownMembersOfSession } from '@muster/posix/process';
import { signalScript } from '@muster/protocol/oneshots/signal-script';
import type { Processes } from '../processes.ts';

const { SIGCONT, SIGKILL, SIGTERM } = constants.signals;

/** Milliseconds between TERM and KILL for a script that is told to end. */
export const PATIENCE = 3000;
/** Milliseconds between looks whether a script that is told to end has begun. */
const LOOK = 5;
/** Milliseconds from KILL until KILL to what is there still; that may be the shell, which is stopped. */
const KILL_AGAIN = 1000;

/** TERM, once it has begun. `runs`: something of it still does, and the pid of the shell around it has gone to nobody else. */
export function terminateScript(leader: number, processes: Processes, runs: () => boolean): void {
  if (!runs()) return;
  if (!hasBegun(leader)) {
    processes.reactor.after(LOOK, () => terminateScript(leader, processes, runs));
    return;
  }
  const toGroup = (signal: number) => processes.signalGroup(leader, signal);
  signalScript(leader, SIGTERM, toGroup);
  signalScript(leader, SIGCONT, toGroup);
}

/** KILL, likewise, once it is `killAt` (milliseconds since boot), until nothing of it is left. */
export function killScriptAt(killAt: number, leader: number, processes: Processes, runs: () => boolean): void {
  const kill = () => {
    if (!runs()) return;
    signalScript(leader, SIGKILL, (signal) => processes.signalGroup(leader, signal));
    processes.reactor.after(KILL_AGAIN, kill);
  };
  processes.reactor.after(killAt - bootTime(), kill);
}

/** The shell around a script catches SIGTERM, and so does its child until it has become the script. */
function hasBegun(leader: number): boolean {
  return knownMembersOfSession(leader).some(({ pid, isProgram }) => pid !== leader && isProgram);
}
