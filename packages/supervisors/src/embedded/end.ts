/** Ending the embedded tree: everything is brought down, loggers last, and then it leaves. */
import { identityOf, isRunning, type ProcessIdentity } from '@muster/posix/process';
import { isSignalTarget, signalProcess } from '@muster/posix/signals';
import { endKeeping, hasKeeper } from '@muster/protocol/keeper';
import type { Live } from '@muster/store/live/open';
import { isWatched, orderScandir } from '../s6/svscan-control.ts';
import { lockHolder } from '../s6/tree-lock.ts';

const QUIT = 3;
/** Milliseconds in which a tree that has just begun reads its FIFO. */
const BEGINNING = 250;

/**
 * Stops the tree, and asks whether it and its keeper have ended since. A keeper that had not yet seen that the tree is to end
 * may have started another one: that one is told, too.
 */
export function endTree({ backend, paths }: Live): () => boolean {
  const { scandir } = backend;
  endKeeping(paths);
  let told: number | null = null;
  let unread = { pid: 0, since: 0 };
  let hasEnded = () => true;
  return () => {
    const pid = lockHolder(scandir);
    if (pid !== null && pid !== told) {
      if (unread.pid !== pid) unread = { pid, since: performance.now() };
      const tree = identityOf(pid);
      if (orderToEnd(scandir, performance.now() - unread.since < BEGINNING ? null : tree)) {
        // It lives a little longer than its files tell.
        hasEnded = tree === null ? () => true : () => !isRunning(tree.pid, tree.startTime);
        told = pid;
      }
    }
    return pid === null && hasEnded() && !hasKeeper(paths);
  };
}

/**
 * Through its FIFO; where something else lies in that place, the process itself is told. Not by SIGTERM, for which it runs
 * rc-shutdown. `tree`: null if it cannot be signalled, or is not to be yet. Returns whether anybody was told.
 */
export function orderToEnd(scandir: string, tree: ProcessIdentity | null): boolean {
  if (isWatched(scandir)) {
    orderScandir(scandir, ['t']);
    return true;
  }
  return tree !== null && isSignalTarget(tree.pid) && signalProcess(tree, QUIT);
}
