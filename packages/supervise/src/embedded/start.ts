/** The embedded tree from outside: whether it runs, starting it, and ending it. */
import { closeSync, constants, openSync, readFileSync } from 'node:fs';
import { isAbsent } from '@muster/posix/absence';
import { originalOpenFilesLimit } from '@muster/posix/limits';
import { RangeLocks, WHOLE_FILE } from '@muster/posix/lock';
import { isRunning, processFacts } from '@muster/posix/process';
import { Spawner } from '@muster/posix/spawn';
import type { Live } from '@muster/store/live/open';
import { openCatchAll } from '../logs/catch-all.ts';
import { isWatched, tellScandir } from '../s6/scandir.ts';

/**
 * Its lock goes with the process. Its FIFO may not: a child that it had just begun when it was killed holds it open until its
 * exec, which may never come where a file system hangs.
 */
export function isTreeRunning(scandir: string): boolean {
  return isWatched(scandir) && processOfTree(scandir) !== null;
}

/**
 * Detached: in a session of its own, with nothing of ours. Its environment is the one of the rc-init that made the live
 * directory, whoever starts the tree again. Who logs nowhere logs to its catch-all.
 */
export function startTree({ backend, paths }: Live, muster: string): void {
  const nothing = openSync('/dev/null', constants.O_RDONLY);
  const catchAll = openCatchAll(paths.root);
  const limit = originalOpenFilesLimit();
  // Of our own limit the tree could only see what Bun has made of it.
  const options = ['--pipes', paths.pipes, '--catch-all', '--open-files', String(limit.soft)];
  try {
    new Spawner(limit, readFileSync(paths.environment)).spawn({
      path: muster,
      argv: [muster, 'svscan', '--live', paths.root, ...options, backend.scandir],
      directory: '/',
      descriptors: [
        [nothing, 0],
        [catchAll, 1],
        [catchAll, 2],
      ],
    });
  } finally {
    closeSync(nothing);
    closeSync(catchAll);
  }
}

/** Everything is brought down, loggers last, and then the tree leaves. */
export function stopTree(scandir: string): void {
  tellScandir(scandir, ['t']);
}

/** Asks whether the process that is the tree now has ended since: it lives a little longer than its files tell. */
export function endOfTree(scandir: string): () => boolean {
  const pid = processOfTree(scandir);
  // 0: in another pid namespace.
  const facts = pid === null || pid === 0 ? null : processFacts(pid);
  return facts === null ? () => true : () => !isRunning(pid!, facts.startTime);
}

/** Whether the tree is where this process cannot see it: it says other pids of the same processes. */
export function isTreeOutOfSight(scandir: string): boolean {
  return processOfTree(scandir) === 0;
}

/** The pid, or null: there is none. 0: one in another pid namespace, or one that this user may not ask for. */
function processOfTree(scandir: string): number | null {
  let lock: RangeLocks;
  try {
    lock = RangeLocks.toAsk(`${scandir}/.s6-svscan/lock`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EACCES') return 0;
    if (isAbsent(error)) return null;
    throw error;
  }
  try {
    return lock.holder(WHOLE_FILE);
  } finally {
    lock.close();
  }
}
