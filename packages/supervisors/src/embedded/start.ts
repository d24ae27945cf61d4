/** The embedded tree from outside: whether it runs, starting it, and having it kept. */
import { closeSync, constants, openSync } from 'node:fs';
import { ENGINE_OPTIONS } from '@muster/posix/environment';
import { originalOpenFilesLimit } from '@muster/posix/limits';
import { readRegular } from '@muster/posix/regular-file';
import { Spawner } from '@muster/posix/spawn';
import { resumeKeeping } from '@muster/protocol/keeper';
import { openCatchAll } from '@muster/protocol/logs/catch-all';
import type { Live } from '@muster/store/live/open';
import type { LivePaths } from '@muster/store/live/paths';
import { isWatched } from '../s6/svscan-control.ts';
import { lockHolder } from '../s6/tree-lock.ts';
import { executablesFrom, writeKeeper } from './keeper.ts';
import { areSurroundingsKept, keepSurroundings, openFilesForServices } from './surroundings.ts';

/**
 * Its lock goes with the process. Its FIFO may not: a child that it had just begun when it was killed holds it open until its
 * exec, which may never come where a file system hangs.
 */
export function isTreeRunning(scandir: string): boolean {
  return isWatched(scandir) && lockHolder(scandir) !== null;
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
  if (isTreeRunning(backend.scandir)) return;
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
