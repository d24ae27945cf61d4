/** The embedded tree from outside: whether it runs, starting it, and ending it. */
import { closeSync, constants, openSync, readFileSync, statSync } from 'node:fs';
import { isAbsent } from '@muster/posix/absence';
import { ENGINE_OPTIONS } from '@muster/posix/environment';
import { originalOpenFilesLimit } from '@muster/posix/limits';
import { RangeLocks, WHOLE_FILE } from '@muster/posix/lock';
import { isRunning, processFacts } from '@muster/posix/process';
import { readRegular, readRegularText } from '@muster/posix/regular-file';
import { Spawner } from '@muster/posix/spawn';
import { hasKeeper, isKept, resumeKeeping } from '@muster/protocol/keeper';
import { openCatchAll } from '@muster/protocol/logs/catch-all';
import type { Live } from '@muster/store/live/open';
import type { LivePaths } from '@muster/store/live/paths';
import { isWatched, tellScandir } from '../s6/scandir.ts';
import { executablesFrom, writeKeeper } from './keeper.ts';
import { areSurroundingsKept, keepSurroundings, openFilesForServices } from './surroundings.ts';

/**
 * Its lock goes with the process. Its FIFO may not: a child that it had just begun when it was killed holds it open until its
 * exec, which may never come where a file system hangs.
 */
export function isTreeRunning(scandir: string): boolean {
  return isWatched(scandir) && processOfTree(scandir) !== null;
}

/**
 * Detached: in a session of its own, with nothing of ours. Its services get the environment of the rc-init that made the live
 * directory, and everything else that rc-init had, whoever starts the tree again. Who logs nowhere logs to its catch-all.
 */
export function startTree({ backend, paths }: Live, muster: string): void {
  resumeKeeping(paths);
  const nothing = openSync('/dev/null', constants.O_RDONLY);
  const catchAll = openCatchAll(paths.root);
  const spawner = new Spawner(originalOpenFilesLimit(), readRegular(paths.environment));
  // The first has it all, and what that is nobody needs to wait for: it is written down while the tree starts.
  const isFirst = !areSurroundingsKept(paths);
  const words = treeCommand(backend.scandir, paths);
  try {
    spawner.spawn({
      path: muster,
      argv: [muster, ...(isFirst ? words : [...words, ...surroundingsOf(paths)])],
      directory: '/',
      descriptors: [
        [nothing, 0],
        [catchAll, 1],
        [catchAll, 2],
      ],
      environment: ENGINE_OPTIONS,
    });
  } finally {
    closeSync(nothing);
    closeSync(catchAll);
  }
  if (isFirst) keepSurroundings(paths);
}

/** It is kept from now on, unless somebody else has started it. `calledAs`: the name of this command. */
export function keepTree({ backend, paths }: Live, muster: string, calledAs: string): void {
  if (backend.kind !== 'embedded' || isTreeRunning(backend.scandir)) return;
  const words = [...treeCommand(backend.scandir, paths), ...surroundingsOf(paths)];
  writeKeeper(paths, words, executablesFrom(calledAs, muster));
}

/** Arguments of the executable. Of our own limit of open files the tree could only see what Bun has made of it. */
function treeCommand(scandir: string, paths: LivePaths): string[] {
  const files = ['--environment', paths.environment, '--open-files', String(openFilesForServices(paths))];
  return ['svscan', '--live', paths.root, '--pipes', paths.pipes, '--catch-all', ...files, scandir];
}

function surroundingsOf({ surroundings }: LivePaths): string[] {
  return ['--surroundings', surroundings];
}

export interface TreeAbsence {
  /** Milliseconds since the epoch; null: nobody has seen it go. */
  readonly since: number | null;
  /** Milliseconds, by a clock that nobody sets; null: an older keeper did not write that down. */
  readonly age: number | null;
  /** `given up`: with `why`, nobody tries any more. */
  readonly keeper: 'starts it again' | 'given up' | 'none';
  readonly why: string;
}

/** Null: it runs, as far as this user can see. */
export function absenceOfTree({ backend, paths }: Live): TreeAbsence | null {
  if (backend.kind !== 'embedded') return null;
  const stats = statSync(paths.away, { throwIfNoEntry: false });
  if (isTreeRunning(backend.scandir) && (stats === undefined || process.getuid!() === 0)) return null;
  const { at, why } = stats === undefined ? { at: null, why: '' } : keepersWord(paths);
  const since = stats === undefined ? null : stats.mtimeMs;
  const age = at === null ? null : Math.max(0, uptime() - at);
  if (why !== '') return { since, age, keeper: 'given up', why };
  return { since, age, keeper: isKept(paths) && hasKeeper(paths) ? 'starts it again' : 'none', why };
}

/** When its keeper saw the tree go (milliseconds, as /proc/uptime counts them), and why it has given up. */
function keepersWord(paths: LivePaths): { readonly at: number | null; readonly why: string } {
  // Of an older keeper the time is missing.
  const [, at, why] = /^(\d+\.\d+)? ?(.*)$/s.exec(readRegularText(paths.away))!;
  return { at: at === undefined ? null : Number(at) * 1000, why: why!.trim() };
}

/** Milliseconds. A container may have its own, so it is not the time since boot. */
function uptime(): number {
  return Number.parseFloat(readFileSync('/proc/uptime', 'latin1')) * 1000;
}

/** Everything is brought down, loggers last, and then the tree leaves. */
function stopTree(scandir: string): void {
  tellScandir(scandir, ['t']);
}

/** Asks whether the process that is the tree now has ended since: it lives a little longer than its files tell. */
function endOfTree(scandir: string): () => boolean {
  const pid = processOfTree(scandir);
  // 0: in another pid namespace.
  const facts = pid === null || pid === 0 ? null : processFacts(pid);
  return facts === null ? () => true : () => !isRunning(pid!, facts.startTime);
}

/** Whether the tree is where this process cannot see it: it says other pids of the same processes. */
export function isTreeOutOfSight(scandir: string): boolean {
  return processOfTree(scandir) === 0;
}

/**
 * Stops the tree, and asks whether it and its keeper have ended since. A keeper that had not yet seen that the tree is to end
 * may have started another one: that one is told, too.
 */
export function endOfKeptTree({ backend, paths }: Live): () => boolean {
  let told: number | null = null;
  let hasEnded = () => true;
  return () => {
    const pid = processOfTree(backend.scandir);
    if (pid !== null && pid !== told && isWatched(backend.scandir)) {
      hasEnded = endOfTree(backend.scandir);
      stopTree(backend.scandir);
      told = pid;
    }
    return pid === null && hasEnded() && !hasKeeper(paths);
  };
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
