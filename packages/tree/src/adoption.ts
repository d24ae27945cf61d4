/** Finding a process that was started at the moment when the tree was killed, before its pid could be written down. */
import { basename, dirname } from 'node:path';
import { TICKS } from '@muster/posix/boot-time';
import type { ProcessIdentity } from '@muster/posix/process';
import type { Files, ProcessTable, System, SystemClock } from './system/system.ts';

/** Between writing that a start follows and the fork there is nothing; this much is for a machine that is overloaded. */
const SLACK = 2 * TICKS;
/** Milliseconds from fork to exec. */
const LONGEST_EXEC = 1000;

/** Clock ticks after boot, now: what a process that starts now gets as its start time, or a little less. */
export function ticksNow(clock: Pick<SystemClock, 'bootTime'>): number {
  return Math.floor((clock.bootTime() * TICKS) / 1000) - 1;
}

export type Found = ProcessIdentity;

/** The directory that the scandir of `childrenFile` is in, with all that the tree opens for services. */
export function homeOf(childrenFile: string, { realPath }: Files): string {
  return dirname(dirname(dirname(realPath(childrenFile))));
}

/**
 * The process that ./run or ./finish of the service in `directory` became. It leads a session, was started right after
 * `earliest`, and is an orphan or still shows the service's directory or name; if several are like that, one that shows
 * them is taken, else the first one. Not one of `taken`: pids that are known to be something else. All that anybody can
 * imitate, so it must be an own process besides (system/own-process.ts).
 *
 * A child that has not come to its exec yet is a copy of the tree that was killed: it has `childrenFile` open, as nobody else
 * can. It is waited for, a second at most.
 */
export function findStarted(
  system: System,
  directory: string,
  name: string,
  earliest: number,
  taken: ReadonlySet<number>,
  childrenFile: string,
): Found | undefined {
  const { clock, files, processes } = system;
  const deadline = clock.bootTime() + LONGEST_EXEC;
  const home = homeOf(childrenFile, files);
  const open = files.realPath(childrenFile);
  for (;;) {
    const recent = startedBetween(earliest, earliest + SLACK, processes).filter(({ pid }) => !taken.has(pid));
    if (recent.some(({ pid }) => processes.hasOpen(pid, open)) && clock.bootTime() < deadline) {
      clock.sleep(1);
      continue;
    }
    const candidates = recent
      .map((found) => ({ ...found, likeness: likeness(system, found.pid, directory, name) }))
      .filter(
        ({ pid, session, parent, likeness }) =>
          session === pid && (likeness > 0 || (likeness === 0 && isOrphan(parent, processes))),
      );
    candidates.sort((a, b) => b.likeness - a.likeness || a.startTime - b.startTime || a.pid - b.pid);
    return candidates.find(({ pid }) => processes.isOwnProcess(pid, home));
  }
}

function startedBetween(
  earliest: number,
  latest: number,
  { everyPid, ownPid, processFacts }: ProcessTable,
): (Found & { session: number; parent: number })[] {
  return everyPid().flatMap((pid) => {
    if (pid === 1 || pid === ownPid) return [];
    const facts = processFacts(pid);
    if (facts === null || facts.zombie || facts.startTime < earliest || facts.startTime > latest) return [];
    return [{ pid, startTime: facts.startTime, session: facts.session, parent: facts.parent }];
  });
}

/** Its parent is process 1, or one that adopts orphans as process 1 does: an ancestor of ours. */
function isOrphan(parent: number, { ownPid, processFacts }: ProcessTable): boolean {
  for (let at = ownPid; at > 0; at = processFacts(at)?.parent ?? 0) if (at === parent) return true;
  return parent <= 1;
}

/** Negative: it is where the processes of another service begin, and does not have this one's name. */
function likeness({ processes, files }: System, pid: number, directory: string, name: string): number {
  const own = files.realPath(directory);
  const there = processes.workingDirectory(pid);
  const likeness = (there === own ? 2 : 0) + (processes.commandLine(pid)?.includes(name) ? 1 : 0);
  return likeness === 0 && there !== null && areBesideEachOther(there, own) ? -1 : likeness;
}

/** Two service directories, with those in their `log/`. */
function areBesideEachOther(one: string, other: string): boolean {
  const placeOf = (directory: string) => dirname(basename(directory) === 'log' ? dirname(directory) : directory);
  return placeOf(one) === placeOf(other);
}
