/**
 * What is the same for all trees that somebody else starts and ends: Muster makes links in the scandir that they watch, removes
 * them, and tells the supervisors of its own services to exit. There is nothing to keep, to revive or to miss.
 */

import { straysOf } from '../strays/strays.ts';
import type { SupervisorAdapter } from '../supervisor-adapter.ts';
import { entriesIn, entryControls, writeRunnerService } from './entries.ts';
import { exitSupervisors } from './exit-supervisors.ts';
import { type ForeignEnd, forceStopIn } from './force-stop.ts';
import { linkInto, unlinkFrom } from './links.ts';
import { obstaclesUnder, type Watcher } from './obstacles.ts';

export interface ForeignTree extends Watcher, ForeignEnd {
  /** That of the supervisor of a single service. */
  readonly superviseProgram: string;
  /** Whether links may be made: of a tree that answers nobody this cannot be asked. */
  mayAttach(scandir: string): boolean;
  /** Has the tree find the links, all of which are there. */
  findLinks(scandir: string): void;
  /** Has a tree that can be told look for links that are new or gone. */
  lookAgain(scandir: string): void;
}

/** What a supervisor says for itself, how much it may have in common with others. */
type Own = 'limits' | 'driver' | 'render' | 'isOutOfSight' | 'treeProcess' | 'deathsSince';

export function foreignTree(tree: ForeignTree): Omit<SupervisorAdapter, Own> {
  const { name, program, isWatching, unsupported } = tree;
  return {
    name,
    program,
    ownsScandir: false,
    adopts: false,
    isWatching,
    unsupported,
    obstacles: (place, database, present) => obstaclesUnder(tree, place, database, present),
    attach: (live, database, muster) => {
      const { scandir } = live.backend;
      if (!tree.mayAttach(scandir)) return false;
      writeRunnerService(live, muster);
      linkInto(scandir, live.paths.root, entriesIn(live, database));
      // Always: who made the links may have been killed before it could tell.
      tree.findLinks(scandir);
      return true;
    },
    detach: (live, database) => {
      const { scandir } = live.backend;
      const entries = entriesIn(live, database);
      unlinkFrom(scandir, live.paths.root, entries);
      tree.lookAgain(scandir);
      exitSupervisors(entries.map(({ target }) => target));
      return () => true;
    },
    controls: entryControls,
    rescan: ({ scandir }, leaving) => {
      tree.lookAgain(scandir);
      exitSupervisors(leaving);
    },
    strays: (paths) => straysOf(paths, tree.superviseProgram),
    forceStop: (paths, backend) => forceStopIn(paths, backend, tree),
    restart: () => {},
    revive: async () => [],
    keep: () => {},
    absence: () => null,
    differences: () => [],
    catchAll: () => null,
  };
}
