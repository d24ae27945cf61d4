/** The processes of this machine, and those among them that run a oneshot's script. */
import {
  commandLine,
  everyPid,
  isAroundUs,
  isRunning,
  type ProcessIdentity,
  processFacts,
} from '@muster/posix/process';
import type { LivePaths } from '@muster/store/live/paths';
import { EXIT_FILE } from '@muster/store/live/service-files';

export function everyProcess(): ProcessIdentity[] {
  return everyPid().flatMap((pid) => {
    const facts = processFacts(pid);
    return facts === null || facts.zombie ? [] : [{ pid, startTime: facts.startTime }];
  });
}

export function runs({ pid, startTime }: ProcessIdentity): boolean {
  return isRunning(pid, startTime);
}

/** The shell around a script gives it away. Not of those that wait for this process. */
export function scriptsOf({ services }: Pick<LivePaths, 'services'>): ProcessIdentity[] {
  return everyProcess().filter(({ pid }) => {
    const exit = commandLine(pid)?.[4];
    return exit?.startsWith(`${services}/`) && exit.endsWith(`/${EXIT_FILE}`) && !isAroundUs(pid);
  });
}
