/**
 * What there is to know of one kind of supervisor. Each has a folder of its own, whose `supervisor.ts` is one object of this
 * form; supervisor-table.ts has the table of all of them. Nobody else tells supervisors apart.
 *
 *     embedded/   the tree that Muster starts itself. Its scandir is a part of the live directory.
 *     s6/, runit/ somebody else's tree, which watches a scandir (scandir/) into which links are made
 */
import type { Database, ServiceId } from '@muster/core/model/database';
import type { FileEntry, Longrun } from '@muster/core/model/definition';
import type { LongrunObservation } from '@muster/core/model/observation';
import type { Deadline } from '@muster/posix/deadline';
import type { Death } from '@muster/protocol/s6/death-tally';
import type { Backend } from '@muster/store/live/backend';
import type { Live } from '@muster/store/live/open';
import type { LivePaths } from '@muster/store/live/paths';
import type { DriverContext, LongrunDriver } from './longrun-driver.ts';
import type { Stray } from './strays/strays.ts';

/** A live directory, or what is about to be one. */
export type LivePlace = Pick<Live, 'backend' | 'paths'>;

export interface SupervisorAdapter {
  /** After `-b`, and in the live directory's file `backend`. */
  readonly name: string;
  /** The scandir is a part of the live directory, which has a link in it for each longrun. */
  readonly ownsScandir: boolean;
  /** What watches the scandir, for people. */
  readonly program: string;
  /** What may keep it from watching all services, for people; empty if there is nothing. */
  readonly limits: string;
  /** A new one goes on with the daemons that an earlier one has left. */
  readonly adopts: boolean;

  /** The engine's way to longruns. */
  driver(context: DriverContext): LongrunDriver;

  /** The service directory `LIVE/services/NAME` of one service, sorted by path. */
  render(database: Database, service: ServiceId, target: RenderTarget): FileEntry[];
  /** What a definition asks for and this supervisor, or the one in `scandir`, cannot do. */
  unsupported(longrun: Longrun, scandir: string): Iterable<Unsupported>;

  /** Whether somebody is there to look after the services of a scandir. */
  isWatching(scandir: string): boolean;
  /**
   * What keeps the services of `database` from running here, found before anything is done. `present`: the database whose
   * services are in the scandir; null if none are, or it is not known whether they are.
   */
  obstacles(place: LivePlace, database: Database, present: Database | null): SupervisionObstacle[];
  /** Starts the tree, or has the one that is there look after the services. False if there is nobody to do so. Can be done again. */
  attach(live: Live, database: Database, muster: string): boolean;
  /** Tells every supervisor to end, once all services are down. Returns how to ask whether the tree itself, if it is ours, has. */
  detach(live: Live, database: Database): () => boolean;
  /** The FIFOs that are read once every supervisor answers. */
  controls(live: LivePlace, database: Database): string[];
  /** Has the tree look for services that are new, and ends the supervisors of those that have gone to the directories `leaving`. */
  rescan(backend: Backend, leaving: readonly string[]): void;

  /** Processes of services that no supervisor looks after any more. */
  strays(paths: Pick<LivePaths, 'services'>): Stray[];
  /** Tells everything to end, whatever state it is in. `backend`: null if it cannot be read. */
  forceStop(paths: LivePaths, backend: Backend | null): ForcedStop;

  /** Starts a tree of ours at once, for who drives its services and sees that it has died. */
  restart(live: Live, muster: string): void;
  /** Starts a tree of ours again if it was killed, and waits until it answers. Returns in what it differs from the first, for people. */
  revive(live: Live, database: Database, muster: string, deadline: Deadline): Promise<readonly string[]>;
  /** From now on somebody starts a tree of ours again. `calledAs`: the name of this command. */
  keep(live: Live, muster: string, calledAs: string): void;
  /** Null if the tree runs, as far as this user can see, or it is none of ours. */
  absence(live: Live): TreeAbsence | null;
  /** In what a tree of ours that runs is unlike the first, for people. */
  differences(paths: LivePaths): readonly string[];
  /** Whether the tree is where this process cannot see it: it says other pids of the same processes. */
  isOutOfSight(scandir: string): boolean;
  /** The pid of what watches the scandir; null if it cannot be found. */
  treeProcess(scandir: string): number | null;

  /** The log directory of what services without a logger write; null if it goes where the output of the tree goes. */
  catchAll(paths: LivePaths): string | null;
  /** Deaths since `began` (milliseconds since the epoch) of the service in `directory`, or as far back as they are known. */
  deathsSince(directory: string, seen: LongrunObservation, began: number): KnownDeaths;
}

export interface KnownDeaths {
  readonly count: number;
  /** The oldest first; empty if nobody keeps more than their number. */
  readonly each: readonly Death[];
}

export interface RenderTarget {
  /** The live directory: absolute, since it stands in scripts that run anywhere. */
  readonly live: string;
  /** The path of Muster's executable, for the scripts that call it. */
  readonly muster: string;
}

export interface Unsupported {
  /** The file of the definition that asks for it. */
  readonly feature: string;
  readonly wayOut: string;
}

export interface SupervisionObstacle {
  /** In a definition, which asks for what the supervisor cannot do; or in the scandir. */
  readonly place: 'definition' | 'scandir';
  readonly message: string;
  readonly hint: string;
}

/** Everything has been told to end. */
export interface ForcedStop {
  isOver(): boolean;
  /** Kills what is left. Returns how to ask whether that is over. */
  kill(): () => boolean;
}

export interface TreeAbsence {
  /** Milliseconds since the epoch; null if nobody has seen it go. */
  readonly since: number | null;
  /** Milliseconds, by a clock that nobody sets; null if an older keeper did not write that down. */
  readonly age: number | null;
  /** `given up`: with `why`, nobody tries any more. */
  readonly keeper: 'starts it again' | 'given up' | 'none';
  readonly why: string;
}
