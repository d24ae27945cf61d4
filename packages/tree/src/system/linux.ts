/** The machine that this process runs on. */
import { bootTime, ticksSinceBoot } from '@muster/posix/boot-time';
import { openFilesLimit } from '@muster/posix/limits';
import { pause } from '@muster/posix/pause';
import {
  commandLine,
  everyPid,
  hasOpen,
  type ProcessIdentity,
  processFacts,
  workingDirectory,
} from '@muster/posix/process';
import {
  sendGroupSignal,
  sendSignal,
  signalGroupOf,
  signalGroupOfPidfd,
  signalPidfd,
  signalProcess,
} from '@muster/posix/signals';
import type { Child, Spawner } from '@muster/posix/spawn';
import { exitOfPidfd, openPidfd, reap } from '@muster/posix/wait';
import { describeRemains, remainsOf } from '@muster/protocol/remains';
import { linuxFiles } from './linux-files.ts';
import { isOwnProcess } from './own-process.ts';
import { programIn } from './program.ts';
import type { System } from './system.ts';

/** Children are started by `spawner`. From now on the death of one gives the loop a turn. */
export function linuxSystem(spawner: Spawner): System {
  // Bun turns the signal into a turn of the loop; reaping in every turn makes that enough.
  process.on('SIGCHLD', () => {});
  return {
    clock: { bootTime, wallTime: Date.now, sleep: pause },
    processes: {
      ownPid: process.pid,
      openFiles: Number(spawner.limit.soft),
      descriptorLimit: () => Number(openFilesLimit().soft),
      programIn,
      spawn: (child) => spawnAt(spawner, child),
      reap,
      processFacts,
      everyPid,
      workingDirectory,
      commandLine,
      hasOpen,
      isOwnProcess,
      remainsOf: (leader) => remainsOf(leader).map(describeRemains),
      openPidfd,
      exitOfPidfd,
      sendSignal,
      sendGroupSignal,
      signalProcess,
      signalGroupOf,
      signalPidfd,
      signalGroupOfPidfd,
    },
    files: linuxFiles,
  };
}

/** /proc is asked only if a tick went by meanwhile: that takes longer, and waits for the child's exec. */
function spawnAt(spawner: Spawner, child: Child): ProcessIdentity {
  const before = ticksSinceBoot();
  const pid = spawner.spawn(child);
  return { pid, startTime: ticksSinceBoot() === before ? before : startTimeOf(pid) };
}

/** Of a child that has not been reaped; 0 if it cannot be read. */
function startTimeOf(child: number): number {
  try {
    return processFacts(child)?.startTime ?? 0;
  } catch {
    return 0;
  }
}
