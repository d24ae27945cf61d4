/** Everything that carrying out a change needs of a live directory, put together. */
import type { EventSink, Ports, Records, Supervisor } from '@muster/core/execute/ports';
import type { InstanceSet } from '@muster/core/instances/instance-set';
import { type Database, type ServiceId, serviceNamed } from '@muster/core/model/database';
import type { LastTransition, Wanted } from '@muster/core/model/record';
import { AnnouncedChange } from '@muster/store/live/changes';
import { lockedAt } from '@muster/store/live/instances';
import type { LockFile } from '@muster/store/live/lock-file';
import type { Live } from '@muster/store/live/open';
import { TakenAway } from '@muster/store/live/problem';
import { ServiceLocks } from '@muster/store/live/service-locks';
import type { StateFile } from '@muster/store/live/state';
import type { Lend } from '@muster/supervisors/oneshots/client';
import { openSupervisor } from '@muster/supervisors/open-supervisor';
import { recordEvents } from '../event-record.ts';
import { pidsSeenHere } from '../pids-seen-here.ts';
import { wallClock } from '../wall-clock.ts';

export interface ChangeContext {
  readonly ports: Ports;
  /** The change is over: nobody needs to know of it any more. */
  end(): void;
}

interface OpenedForChange {
  readonly live: Live;
  readonly database: Database;
  readonly records: StateFile;
  readonly lock: LockFile;
  readonly instances: InstanceSet;
  /** The executable that starts a tree of ours again, should it die meanwhile; absent if nobody does. */
  readonly muster?: string;
  readonly lend?: Lend;
}

/** `command`: how other changes name this one to people. */
export async function announceChange(
  context: OpenedForChange,
  command: string,
  events: EventSink,
): Promise<ChangeContext> {
  const { live, database, records, lock } = context;
  const { changes } = live.paths;
  const isInPlace = () => lock.ranges.isInPlace();
  const supervisor = openSupervisor({ ...context, isInPlace });
  await supervisor.connect();
  const announced = new AnnouncedChange(changes, command, wallClock.now());
  const seenHere = pidsSeenHere(live);
  const pidOf = (name: string) => {
    const service = serviceNamed(database, name);
    if (service === undefined) return 0;
    const observation = supervisor.observe(service);
    return observation.kind === 'unsupervised' ? 0 : seenHere(name, observation.pid);
  };
  const locks = new ServiceLocks(lock, { changes, announced, names: database.names, byteOf: lockedAt(context), pidOf });
  const record = recordEvents(live.paths, database, command, events);
  return {
    ports: { ...inPlaceOnly(live.paths.root, isInPlace, supervisor, records), clock: wallClock, locks, events: record },
    end: () => {
      record.end();
      supervisor.close();
      announced.end();
    },
  };
}

/**
 * A command may be stopped for long, and meanwhile rc-shutdown has gone on without it. Its locks are of a file that is no
 * more then, and what it would say or write by path would come to another live directory: it throws TakenAway instead.
 */
function inPlaceOnly(
  root: string,
  isInPlace: () => boolean,
  supervisor: Supervisor,
  records: Records,
): Pick<Ports, 'supervisor' | 'records'> {
  const guarded = <Words extends readonly unknown[]>(act: (...words: Words) => void) => {
    return (...words: Words) => {
      if (!isInPlace()) throw new TakenAway(root);
      act(...words);
    };
  };
  return {
    supervisor: {
      observe: (service) => supervisor.observe(service),
      life: (seen) => supervisor.life(seen),
      watch: (services, changed) => supervisor.watch(services, changed),
      start: guarded(supervisor.start),
      stop: guarded(supervisor.stop),
      reload: guarded(supervisor.reload),
      kill: guarded(supervisor.kill),
      remains: (service, before) => supervisor.remains(service, before),
      isUnread: (service) => isInPlace() && supervisor.isUnread(service),
      withdraw: (service) => isInPlace() && supervisor.withdraw(service),
    },
    records: {
      read: (service) => records.read(service),
      wish: guarded((service: ServiceId, wanted: Wanted) => records.wish(service, wanted)),
      write: guarded((service: ServiceId, last: LastTransition) => records.write(service, last)),
    },
  };
}
