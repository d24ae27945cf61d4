/** The tree's share of keeping itself alive: it holds the writing end of the keeper's FIFO, and starts a keeper where there is none. */
import { closeSync, constants, openSync, rmSync } from 'node:fs';
import { ENGINE_OPTIONS } from '@muster/posix/environment';
import { ensureFifo, openFifoForWriting, writeToFifo } from '@muster/posix/fifo';
import type { Child } from '@muster/posix/spawn';
import { isKept, KEEPER_FIFO } from '@muster/protocol/keeper';
import type { LivePaths } from '@muster/store/live/paths';
import type { Companion } from './tree.ts';

const SHELL = '/bin/sh';
/** Milliseconds. */
const AGAIN = 1000;

/** `close` when it has been started. Throws SystemError, ErrnoException. */
function keeperChild(paths: LivePaths): Child & { close(): void } {
  ensureFifo(paths.keeper, 0o600);
  // Opened for writing too, or opening it would wait for somebody who writes.
  const both = openSync(paths.keeper, constants.O_RDWR);
  let reading: number;
  try {
    reading = openSync(paths.keeper, constants.O_RDONLY);
  } finally {
    // Also where there is no second descriptor: the tree tries again and again, and would lose one each time.
    closeSync(both);
  }
  return {
    path: SHELL,
    argv: [SHELL, paths.keep],
    directory: '/',
    descriptors: [[reading, KEEPER_FIFO]],
    // With these the tree can start even where there are no threads; services do not see them.
    environment: ENGINE_OPTIONS,
    close: () => closeSync(reading),
  };
}

/** In the tree: holds the writing end, and sees to it that somebody has the other one. */
export function keptTree(paths: LivePaths): Companion {
  let fifo: number | null = null;
  let isEnding = false;
  return {
    begin: ({ reactor, processes, warn }) => {
      rmSync(paths.away, { force: true });
      const watch = () => {
        if (fifo !== null) {
          reactor.unwatch(fifo);
          closeSync(fifo);
          fifo = null;
        }
        if (isEnding || !isKept(paths)) return;
        try {
          fifo = openFifoForWriting(paths.keeper) ?? startKeeper();
          // Nothing is ever read from it: what is told is that its last reader is gone.
          reactor.watchHangUp(fifo, watch);
        } catch (error) {
          warn(`unable to start a keeper: ${error}`);
          reactor.after(AGAIN, watch);
        }
      };
      const startKeeper = (): number => {
        const keeper = keeperChild(paths);
        try {
          const writing = openFifoForWriting(paths.keeper)!;
          try {
            processes.start(keeper, () => {});
          } catch (error) {
            closeSync(writing);
            throw error;
          }
          return writing;
        } finally {
          keeper.close();
        }
      };
      watch();
    },
    end: (done) => {
      isEnding = true;
      if (fifo !== null) writeToFifo(fifo, Buffer.from('end\n'));
      done();
    },
  };
}
