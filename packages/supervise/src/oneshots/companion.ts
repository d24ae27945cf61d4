/** The runner of oneshots inside the embedded tree, and as a program of its own under other supervisors. */
import { originalOpenFilesLimit } from '@muster/posix/limits';
import { Reactor } from '@muster/posix/reactor';
import { Spawner } from '@muster/posix/spawn';
import { Processes } from '../tree/processes.ts';
import type { Companion } from '../tree/tree.ts';
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

/** Runs until SIGTERM. Throws if the live directory has no place for requests. */
export async function runOneshots(live: string, warn: (message: string) => void): Promise<void> {
  const reactor = new Reactor();
  const processes = new Processes(reactor, new Spawner(originalOpenFilesLimit()));
  const runner = new OneshotRunner(live, { reactor, processes, warn });
  process.once('SIGTERM', () => runner.end(() => reactor.stop()));
  await reactor.run();
}
