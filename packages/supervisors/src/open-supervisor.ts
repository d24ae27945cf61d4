/** The engine's one supervisor, made of those that a live directory has: for longruns by its backend, and for oneshots. */
import type { Supervisor } from '@muster/core/execute/ports';
import { type Database, hasFlag, ONESHOT, type ServiceId } from '@muster/core/model/database';
import type { Observation } from '@muster/core/model/observation';
import type { SessionMember } from '@muster/posix/process';
import { NotAFile } from '@muster/posix/regular-file';
import { NEVER_RUN, observationOf } from '@muster/protocol/oneshots/protocol';
import { describeRemains, remainsOf } from '@muster/protocol/remains';
import type { Live } from '@muster/store/live/open';
import type { StateFile } from '@muster/store/live/state';
import { lifeOf } from './life.ts';
import { type Lend, OneshotClient } from './oneshots/client.ts';
import { supervisorFor } from './supervisor-table.ts';

export interface SupervisorContext {
  readonly live: Live;
  readonly database: Pick<Database, 'names' | 'kinds' | 'flags'>;
  readonly records: StateFile;
  /** The executable that starts a tree of ours again, should it have died. Absent for who only looks. */
  readonly muster?: string;
  /** Whether the live directory is still the one that was opened; absent for who only looks. */
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

type DirectoryOf = (service: ServiceId) => string;

export function openSupervisor(context: SupervisorContext): ConnectedSupervisor {
  if (context.live.outlived !== null) return nobody(context.database);
  const { names, kinds } = context.database;
  const { services, oneshots } = context.live.paths;
  const directoryOf: DirectoryOf = (service) => `${services}/${names[service]}`;
  const longruns = longrunDriver(context, directoryOf);
  const scripts = new OneshotClient(oneshots, (service) => names[service]!, directoryOf, context);
  const isOneshot = (service: ServiceId) => kinds[service] === ONESHOT;

  return {
    connect: async () => longruns.connect?.(),
    close: () => {
      longruns.close?.();
      scripts.close();
    },
    observe: (service) => unlessOdd(() => (isOneshot(service) ? scripts.observe(service) : longruns.observe(service))),
    life: lifeOf,
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
    start: (service) => (isOneshot(service) ? scripts.order(service, 'up') : longruns.start(service)),
    stop: (service) => (isOneshot(service) ? scripts.order(service, 'down') : longruns.stop(service)),
    reload: (service) => (isOneshot(service) ? scripts.order(service, 'reload') : longruns.reload(service)),
    kill: (service) => scripts.order(service, 'kill'),
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
    life: () => 0,
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

function longrunDriver({ live, database, records, muster, isInPlace }: SupervisorContext, directoryOf: DirectoryOf) {
  const supervisor = supervisorFor(live);
  const revive = (path: string) => () => {
    if (isInPlace?.() ?? true) supervisor.restart(live, path);
  };
  return supervisor.driver({
    live,
    names: database.names,
    records,
    directoryOf,
    hasReadiness: (service) => hasFlag(database, service, 'readiness'),
    ...(muster === undefined ? {} : { revive: revive(muster) }),
  });
}
