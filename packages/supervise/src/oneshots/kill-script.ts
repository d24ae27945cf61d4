/** Ends a script that runs, and with it what it has started. */
import { constants } from 'node:os';
import { bootTime } from '@muster/posix/boot-time';
import { hasProgramForChild } from '@muster/posix/process';
import type { Processes } from '../tree/processes.ts';

const { SIGKILL, SIGTERM } = constants.signals;

/** Milliseconds between TERM and KILL for a script that is told to end. */
export const PATIENCE = 3000;
/** Milliseconds between looks whether a script that is told to end has begun. */
const LOOK = 5;

/**
 * TERM, to the process group of the shell around a script. That shell catches it, and so does its child until it has become
 * the script. `runs`: it still does, and its pid has gone to nobody else.
 */
export function terminateScript(leader: number, processes: Processes, runs: () => boolean): void {
  if (!runs()) return;
  if (hasProgramForChild(leader)) processes.signalGroup(leader, SIGTERM);
  else processes.reactor.after(LOOK, () => terminateScript(leader, processes, runs));
}

/** KILL, likewise, once it is `killAt` (milliseconds since boot). */
export function killScriptAt(killAt: number, leader: number, processes: Processes, runs: () => boolean): void {
  processes.reactor.after(killAt - bootTime(), () => {
    if (runs()) processes.signalGroup(leader, SIGKILL);
  });
}
