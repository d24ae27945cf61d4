/** Ends a script that runs, and with it what it has started. */
import { constants } from 'node:os';
import { hasProgramForChild } from '@muster/posix/process';
import type { Reactor } from '@muster/posix/reactor';
import { sendGroupSignal } from '@muster/posix/signals';

const { SIGKILL, SIGTERM } = constants.signals;

/** Milliseconds between TERM and KILL for a script that is told to end. */
const PATIENCE = 3000;
/** Milliseconds between looks whether a script that is told to end has begun. */
const LOOK = 5;

/**
 * TERM now, KILL later, to the process group of the shell around a script. `runs`: it still does, and its pid has gone to
 * nobody else.
 */
export function killScript(leader: number, reactor: Reactor, runs: () => boolean): void {
  terminate(leader, reactor, runs);
  reactor.after(PATIENCE, () => {
    if (runs()) sendGroupSignal(leader, SIGKILL);
  });
}

/** The shell around a script catches SIGTERM, and so does its child until it has become the script. */
function terminate(leader: number, reactor: Reactor, runs: () => boolean): void {
  if (!runs()) return;
  if (hasProgramForChild(leader)) sendGroupSignal(leader, SIGTERM);
  else reactor.after(LOOK, () => terminate(leader, reactor, runs));
}
