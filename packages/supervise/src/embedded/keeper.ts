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
import { closeSync, constants, existsSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ENGINE_OPTIONS } from '@muster/posix/environment';
import { ensureFifo, isRead, openFifoForWriting, writeToFifo } from '@muster/posix/fifo';
import type { Child } from '@muster/posix/spawn';
import type { LivePaths } from '@muster/store/live/paths';
import { quoted } from '../service-directory/shell.ts';
import type { Companion } from '../tree/tree.ts';

const SHELL = '/bin/sh';
/** The descriptor that a keeper has the FIFO at. */
const FIFO = 4;
/** Deaths within a minute after which a tree cannot live. */
const DEATHS = 10;
/** Milliseconds. */
const AGAIN = 1000;

/** What `rc-init` has written a keeper for is kept. `tree`: a command line without the executable. */
export function writeKeeper(paths: LivePaths, tree: readonly string[], executables: readonly string[]): void {
  const text = `#!/bin/sh
# Made by rc-init. Watches the supervision tree of this live directory, and starts it again.
cd /
live=${quoted(paths.root)}
# The file is there even if there is no room for what is in it.
away() {
  read -r now rest </proc/uptime
  echo "$now $*" >"$live/away"
}
# A word: the tree ends because it was told to. Nothing: it was killed.
if read -r word <&${FIFO} || [ ! -e "$live/keep" ]; then exit 0; fi
away
set --
while [ -e "$live/keep" ]; do
  for muster in ${executables.map(quoted).join(' ')}; do
    if [ -x "$muster" ]; then break; fi
  done
  # eval, so that the shell goes on where no process can be made.
  command eval '"$muster" ${tree.map((word) => quoted(word).replaceAll("'", `'\\''`)).join(' ')} ${FIFO}<&- & wait $!'
  case $? in 0|100) exit 0 ;; esac
  if [ ! -e "$live/db" ] || [ ! -e "$live/keep" ]; then exit 0; fi
  away
  set -- "$@" "\${now%.*}"
  if [ $# -ge ${DEATHS} ]; then
    if [ $((\${now%.*} - $1)) -lt 60 ]; then
      away 'it died ${DEATHS} times within a minute'
      exit 1
    fi
    shift
  fi
  if [ $# -gt 3 ]; then command eval 'sleep 1'; fi
done
`;
  writeFileSync(paths.keep, text, { mode: 0o755 });
}

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

/** `close` when it has been started. Throws SystemError, ErrnoException. */
function keeperChild(paths: LivePaths): Child & { close(): void } {
  ensureFifo(paths.keeper, 0o600);
  // Opened for writing too, or opening it would wait for somebody who writes.
  const both = openSync(paths.keeper, constants.O_RDWR);
  const reading = openSync(paths.keeper, constants.O_RDONLY);
  closeSync(both);
  return {
    path: SHELL,
    argv: [SHELL, paths.keep],
    directory: '/',
    descriptors: [[reading, FIFO]],
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

/** The link that people call it by is better than what it leads to now: an upgrade moves it. */
export function executablesFrom(calledAs: string, executable: string): string[] {
  const path = calledAs.includes('/') ? resolve(calledAs) : Bun.which(calledAs);
  const link = path === null ? null : join(dirname(path), 'muster');
  return link === null || link === executable || !existsSync(link) ? [executable] : [link, executable];
}
