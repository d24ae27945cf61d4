/** The runner of oneshots inside the embedded tree, and as a program of its own under other supervisors. */
import { hasOpenings, watchOpenings } from '@muster/posix/inotify';
import { originalOpenFilesLimit } from '@muster/posix/limits';
import { Reactor } from '@muster/posix/reactor';
import { Spawner } from '@muster/posix/spawn';
import { livePaths } from '@muster/store/live/paths';
import { HeldPipes } from '../held-pipes.ts';
import { Processes } from '../processes.ts';
import { linuxSystem } from '../system/linux.ts';
import type { Companion } from '../tree.ts';
import { OneshotRunner } from './runner.ts';

/** `live`: the live directory. */
export function oneshotsInTree(live: string): Companion {
  let runner: OneshotRunner | null = null;
  return {
    begin: (host) => {
      runner = new OneshotRunner(live, host);
    },
    end: (done) => (runner === null ? done() : runner.end(done)),
  };
}

/** Milliseconds from the opening of a pipe that may be new until it is held. */
const PIPES_LOOK = 20;

/**
 * Runs until SIGTERM, and holds the live directory's pipes open, as the embedded tree does by itself. Throws if the live
 * directory has no place for requests.
 */
export async function runOneshots(live: string, warn: (message: string) => void): Promise<void> {
  const reactor = new Reactor();
  const processes = new Processes(reactor, linuxSystem(new Spawner(originalOpenFilesLimit())), warn);
  const runner = new OneshotRunner(live, { reactor, processes, warn });
  holdPipes(livePaths(live).pipes, reactor, warn);
  process.once('SIGTERM', () => runner.end(() => reactor.stop()));
  await reactor.run();
}

/** New ones too: whoever uses a pipe opens it, and the kernel tells. */
function holdPipes(directory: string, reactor: Reactor, warn: (message: string) => void): void {
  const pipes = new HeldPipes(directory, warn);
  const openings = watchOpenings(directory);
  let isLookDue = false;
  reactor.watch(openings, () => {
    if (!hasOpenings(openings) || isLookDue) return;
    isLookDue = true;
    reactor.after(PIPES_LOOK, () => {
      isLookDue = false;
      pipes.refresh();
    });
  });
  pipes.refresh();
}
