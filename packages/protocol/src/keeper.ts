/**
 * The keeper: a few lines of shell that have the tree back at once when it is killed. Tree and keeper watch each other through
 * a FIFO, `LIVE/keeper`, which the keeper has open for reading and the tree for writing: a tree without a keeper starts one, that
 * watches until the tree's end is the end of the FIFO. It is the parent of the tree that it starts then.
 *
 *     LIVE/keep     the script; without it there is no keeper (`rc-init --no-keeper`, or somebody else started the tree)
 *     LIVE/away     made when the tree has died, removed when it is back; in it, when that was (seconds since boot, as the date
 *                   of the file depends on how the clock is set), and why nobody tries any more
 *     LIVE/unkept   the same script, while the tree is to end: a keeper that no longer finds it starts nothing again
 *
 * Which tree it is, of several that are started at once, the lock of the scandir decides: the others end, and their keepers.
 */
import { existsSync, renameSync } from 'node:fs';
import { isRead } from '@muster/posix/fifo';
import type { LivePaths } from '@muster/store/live/paths';

/** The descriptor that a keeper has the FIFO at. */
export const KEEPER_FIFO = 4;

export function isKept(paths: LivePaths): boolean {
  return existsSync(paths.keep);
}

/** Nobody starts the tree again until somebody asks for it. A rename, which needs no space. */
export function endKeeping(paths: LivePaths): void {
  if (isKept(paths)) renameSync(paths.keep, paths.unkept);
}

/** Somebody asks for it. */
export function resumeKeeping(paths: LivePaths): void {
  if (existsSync(paths.unkept)) renameSync(paths.unkept, paths.keep);
}

/** Whether a keeper runs. */
export function hasKeeper(paths: LivePaths): boolean {
  return isRead(paths.keeper);
}
