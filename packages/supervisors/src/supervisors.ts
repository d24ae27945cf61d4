/** The engine's one supervisor, made of those that a live directory has: for longruns by its backend, and for oneshots. */
import type { Supervisor, Watch } from '@muster/core/execute/ports';
import { type Database, hasFlag, ONESHOT, type ServiceId } from '@muster/core/model/database';
import type { LongrunObservation, NoObservation, Observation } from '@muster/core/model/observation';
import type { SessionMember } from '@muster/posix/process';
import { NotAFile } from '@muster/posix/regular-file';
import { NEVER_RUN, observationOf } from '@muster/protocol/oneshots/protocol';
import { describeRemains, remainsOf } from '@muster/protocol/remains';
import type { Live } from '@muster/store/live/open';
import type { StateFile } from '@muster/store/live/state';
import { StrayGuard } from './arrange/stray-guard.ts';
import { EmbeddedDriver } from './embedded/driver.ts';
import { type Lend, OneshotClient } from './oneshots/client.ts';
import { RunitDriver } from './runit/driver.ts';
import { S6Driver } from './s6/driver.ts';

interface LongrunDriver {
  /** Resolves when looking is cheap. */
  connect?(): Promise<void>;
  observe(service: ServiceId): LongrunObservation | NoObservation;
  watch(services: Iterable<ServiceId>, changed: (service: ServiceId) => void): Watch;
  start(service: ServiceId): void;
  stop(service: ServiceId): void;
  reload(service: ServiceId): void;
  isUnread(service: ServiceId): boolean;
  withdraw(service: ServiceId): boolean;
  close?(): void;
}

export interface SupervisedSite {
  readonly live: Live;
  readonly database: Pick<Database, 'names' | 'kinds' | 'flags'>;
  readonly records: StateFile;
  /** Starts the embedded tree again, should it have died. Absent for who only looks. */
  readonly revive?: () => void;
  /** Whether the live directory is still the one that was opened; absent: for who only looks. */
  readonly isInPlace?: () => boolean;
  /** Lends scripts that may ask a terminal. Absent for who has none. */
  readonly lend?: Lend;
}

/** To be closed by who called `connect` and watches nothing. */
export interface ConnectedSupervisor extends Supervisor {
  /** Who is about to look at many services again and again should wait for this first. */
  connect(): Promise<void>;
  close(): void;
}

export function supervisorOf(site: SupervisedSite): ConnectedSupervisor {
  if (site.live.outlived !== null) return nobody(site.database);
  const { names, kinds } = site.database;
  const { services, oneshots } = site.live.paths;
  const directoryOf = (service: ServiceId) => `${services}/${names[service]}`;
  const longruns = longrunDriver(site, directoryOf);
  const scripts = new OneshotClient(oneshots, (service) => names[service]!, directoryOf, site);
  const isOneshot = (service: ServiceId) => kinds[service] === ONESHOT;

  return {
    connect: async () => longruns.connect?.(),
    close: () => {
      longruns.close?.();
      scripts.close();
    },
    observe: (service) => unlessOdd(() => (isOneshot(service) ? scripts.observe(service) : longruns.observe(service))),
    watch: (wanted, changed) => {
      const all = [...wanted];
      const watches = [
        longruns.watch(
          all.filter((service) => !isOneshot(service)),
          changed,
        ),
        scripts.watch(all.filter(isOneshot), changed),
      ];
      return {
        close: () => {
          for (const watch of watches) watch.close();
        },
      };
    },
    start: (service) => (isOneshot(service) ? scripts.tell(service, 'up') : longruns.start(service)),
    stop: (service) => (isOneshot(service) ? scripts.tell(service, 'down') : longruns.stop(service)),
    reload: (service) => (isOneshot(service) ? scripts.tell(service, 'reload') : longruns.reload(service)),
    kill: (service) => scripts.tell(service, 'kill'),
    remains: (service, before) =>
      isOneshot(service) ? scripts.remains(service, before) : remainsOfProcess(before).map(describeRemains),
    isUnread: (service) => (isOneshot(service) ? scripts.isUnread(service) : longruns.isUnread(service)),
    withdraw: (service) => (isOneshot(service) ? scripts.withdraw(service) : longruns.withdraw(service)),
  };
}

/** Something else in a file's place hides one service, and no other. */
function unlessOdd(observe: () => Observation): Observation {
  try {
    return observe();
  } catch (error) {
    if (!(error instanceof NotAFile)) throw error;
    return { kind: 'unsupervised', lost: true, odd: error.message };
  }
}

/** That of a longrun, which has ended a moment ago. */
function remainsOfProcess(before: Observation): SessionMember[] {
  return before.kind === 'longrun' && before.state === 'up' ? remainsOf(before.pid) : [];
}

/** Of a life that is over: what its files say of processes and scripts is not so any more. */
function nobody({ kinds }: Pick<Database, 'kinds'>): ConnectedSupervisor {
  const nothing = () => {};
  return {
    connect: async () => {},
    close: nothing,
    observe: (service) => (kinds[service] === ONESHOT ? observationOf(NEVER_RUN) : { kind: 'unsupervised' }),
    watch: () => ({ close: nothing }),
    start: nothing,
    stop: nothing,
    reload: nothing,
    kill: nothing,
    remains: () => [],
    isUnread: () => false,
    withdraw: () => false,
  };
}

function longrunDriver(
  { live, database, records, revive }: SupervisedSite,
  directoryOf: (service: ServiceId) => string,
): LongrunDriver {
  const { kind, scandir } = live.backend;
  const hasReadiness = (service: ServiceId) => hasFlag(database, service, 'readiness');
  switch (kind) {
    case 'embedded':
      return new EmbeddedDriver({
        scandir,
        names: database.names,
        directoryOf,
        hasReadiness,
        markOf: (service) => records.markOf(service),
        ...(revive === undefined ? {} : { revive }),
      });
    case 's6':
      return guarded(new S6Driver(directoryOf, hasReadiness), live, database.names);
    case 'runit':
      return guarded(new RunitDriver(directoryOf), live, database.names);
  }
}

/** The embedded tree adopts what an earlier one has left; others would start it a second time. */
function guarded(driver: LongrunDriver, { paths }: Live, names: readonly string[]): LongrunDriver {
  const guard = new StrayGuard(paths);
  const started = new Set<ServiceId>();
  return {
    observe: (service) => {
      const seen = driver.observe(service);
      if (started.has(service) && seen.kind === 'longrun' && seen.state === 'up') guard.note(names[service]!, seen.pid);
      return seen;
    },
    watch: (services, changed) => driver.watch(services, changed),
    start: (service) => {
      started.add(service);
      guard.start(names[service]!, () => driver.start(service));
    },
    stop: (service) => {
      guard.cancel(names[service]!);
      driver.stop(service);
    },
    reload: (service) => driver.reload(service),
    isUnread: (service) => driver.isUnread(service),
    withdraw: (service) => {
      guard.cancel(names[service]!);
      return driver.withdraw(service);
    },
    close: () => guard.close(),
  };
}
