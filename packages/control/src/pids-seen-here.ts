/**
 * What a supervisor calls a process, and what that is called here. A command in a PID namespace of its own, with a /proc of its
 * own, sees nothing of what is around it, and the supervisor's numbers name other processes there. Whether it runs
 * inside a script is told then by what the script's runner has put into the environment.
 */
import { hasOwnProc, ownPid } from '@muster/posix/process';
import type { Live } from '@muster/store/live/open';
import { supervisorFor } from '@muster/supervisors/supervisor-table';

/** 0 if it is not to be seen from here. */
export function pidsSeenHere(live: Live): (service: string, pid: number) => number {
  // Only who sees the numbers of its own namespace alone can be out of sight of them.
  if (!hasOwnProc() || !supervisorFor(live).isOutOfSight(live.backend.scandir)) return (_, pid) => pid;
  const { RC_LIVE, RC_NAME } = process.env;
  return (service, pid) => (pid > 0 && RC_LIVE === live.paths.root && RC_NAME === service ? ownPid() : 0);
}
