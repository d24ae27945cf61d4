/** Ends a script that runs, and with it what it has started. */
import { constants } from 'node:os';
import { hasProgramForChild } from '@muster/posix/process';
import type { Processes } from '../tree/processes.ts';

const { SIGKILL, SIGTERM } = constants.signals;

/** Milliseconds between TERM and KILL for a script that is told to end. */
const PATIENCE = 3000;
/** Milliseconds between looks whether a script that is told to end has begun. */
const LOOK = 5;

/**
 * TERM now, KILL later, to the process group of the shell around a script. `runs`: it still does, and its pid has gone to
 * nobody else.
 */
export function killScript(leader: number, processes: Processes, runs: () => boolean): void {
  terminate(leader, processes, runs);
  processes.reactor.after(PATIENCE, () => {
    if (runs()) processes.signalGroup(leader, SIGKILL);
  });
}

/** The shell around a script catches SIGTERM, and so does its child until it has become the script. */
function terminate(leader: number, processes: Processes, runs: () => boolean): void {
  if (!runs()) return;
  if (hasProgramForChild(leader)) processes.signalGroup(leader, SIGTERM);
  else processes.reactor.after(LOOK, () => terminate(leader, processes, runs));
}
