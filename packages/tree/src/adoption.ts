/** Finding a process that was started at the moment when the tree was killed, before its pid could be written down. */
import { realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { pause } from '@muster/posix/pause';
import {
  commandLine,
  everyPid,
  hasOpen,
  type ProcessIdentity,
  processFacts,
  TICKS,
  ticksSinceBoot,
  workingDirectory,
} from '@muster/posix/process';
import { isOwnProcess } from './own-process.ts';

/** Between writing that a start follows and the fork there is nothing; this much is for a machine that is overloaded. */
const SLACK = 2 * TICKS;
/** Milliseconds from fork to exec. */
const LONGEST_EXEC = 1000;

/** Clock ticks after boot, now: what a process that starts now gets as its start time, or a little less. */
export function ticksNow(): number {
  return ticksSinceBoot() - 1;
}

/** Of a child that has not been reaped; 0 if it cannot be read. */
export function startTimeOf(child: number): number {
  try {
    return processFacts(child)?.startTime ?? 0;
  } catch {
    return 0;
  }
}

export type Found = ProcessIdentity;

/** The directory that the scandir of `childrenFile` is in, with all that the tree opens for services. */
export function homeOf(childrenFile: string): string {
  return dirname(dirname(dirname(realpathSync(childrenFile))));
}

/**
 * The process that ./run or ./finish of the service in `directory` became. It leads a session, was started right after
 * `earliest`, and is an orphan or still shows the service's directory or name; if several are like that, one that shows
 * them is taken, else the first one. Not one of `taken`: pids that are known to be something else. All that anybody can
 * imitate, so it must be an own process besides (own-process.ts).
 *
 * A child that has not come to its exec yet is a copy of the tree that was killed: it has `childrenFile` open, as nobody else
 * can. It is waited for, a second at most.
 */
export function findStarted(
  directory: string,
  name: string,
  earliest: number,
  taken: ReadonlySet<number>,
  childrenFile: string,
): Found | undefined {
  const deadline = performance.now() + LONGEST_EXEC;
  const home = homeOf(childrenFile);
  for (;;) {
    const recent = startedBetween(earliest, earliest + SLACK).filter(({ pid }) => !taken.has(pid));
    if (recent.some(({ pid }) => hasOpen(pid, realpathSync(childrenFile))) && performance.now() < deadline) {
      pause(1);
      continue;
    }
    const candidates = recent
      .map((found) => ({ ...found, likeness: likeness(found.pid, directory, name) }))
      .filter(({ pid, session, parent, likeness }) => session === pid && (likeness > 0 || isOrphan(parent)));
    candidates.sort((a, b) => b.likeness - a.likeness || a.startTime - b.startTime || a.pid - b.pid);
    return candidates.find(({ pid }) => isOwnProcess(pid, home));
  }
}

function startedBetween(earliest: number, latest: number): (Found & { session: number; parent: number })[] {
  return everyPid().flatMap((pid) => {
    if (pid === 1 || pid === process.pid) return [];
    const facts = processFacts(pid);
    if (facts === null || facts.zombie || facts.startTime < earliest || facts.startTime > latest) return [];
    return [{ pid, startTime: facts.startTime, session: facts.session, parent: facts.parent }];
  });
}

/** Its parent is process 1, or one that adopts orphans as process 1 does: an ancestor of ours. */
function isOrphan(parent: number): boolean {
  for (let at = process.pid; at > 0; at = processFacts(at)?.parent ?? 0) if (at === parent) return true;
  return parent <= 1;
}

function likeness(pid: number, directory: string, name: string): number {
  const isThere = workingDirectory(pid) === realpathSync(directory);
  return (isThere ? 2 : 0) + (commandLine(pid)?.includes(name) ? 1 : 0);
}
