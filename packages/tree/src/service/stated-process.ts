/**
 * What the tree's last life left of a service whose slot in the children file is lost: the process that the status names, if it
 * is that one still. Its start is known to the second only, and by the wall clock, which may have been set since: then it
 * must be in the service's directory, and an own process (system/own-process.ts), since anybody can be there.
 */
import { TICKS } from '@muster/posix/boot-time';
import type { Slot } from '@muster/protocol/children-file';
import type { Status } from '@muster/protocol/s6/status';
import type { System } from '../system/system.ts';

/** Milliseconds between a process's start and the status that tells of it. */
const LATE = 2000;

/**
 * Undefined if nothing runs, or it is something else by now. `inode`: of `directory`, as the children file has it. `home`: of the scandir
 * (adoption.ts).
 */
export function slotFromStatus(
  { clock, processes }: System,
  status: Status | undefined,
  directory: string,
  inode: number,
  home: string,
): Slot | undefined {
  if (status === undefined || status.pid <= 1) return undefined;
  const { pid, stamp, waitStatus, finishing } = status;
  const facts = processes.processFacts(pid);
  // Whatever a tree starts leads a session.
  if (facts === null || facts.zombie || facts.session !== pid) return undefined;
  const { startTime } = facts;
  const began = clock.wallTime() - (clock.bootTime() - (startTime * 1000) / TICKS);
  const isStated = Math.abs(began - stamp) <= LATE;
  if (!isStated && !(processes.workingDirectory(pid) === directory && processes.isOwnProcess(pid, home)))
    return undefined;
  const phase = finishing ? 'finish' : 'run';
  return {
    phase,
    inode,
    pid,
    startTime,
    waitStatus,
    asked: false,
    dying: false,
    killAt: 0,
    streak: 0,
    failedStarts: 0,
  };
}
