/** Everything that carrying out a change needs of a live directory, put together. */
import type { EventSink, Ports } from '@muster/core/execute/ports';
import type { Database } from '@muster/core/model/database';
import { AnnouncedChange } from '@muster/store/live/changes';
import type { LockFile } from '@muster/store/live/lock-file';
import type { Live } from '@muster/store/live/open';
import { ServiceLocks } from '@muster/store/live/service-locks';
import type { StateFile } from '@muster/store/live/state';
import { supervisorOf } from './supervisors.ts';
import { wallClock } from './wall-clock.ts';

export interface ChangeSite {
  readonly ports: Ports;
  /** The change is over: nobody needs to know of it any more. */
  end(): void;
}

/** `command`: how other changes name this one to people. */
export function announceChange(
  site: { readonly live: Live; readonly database: Database; readonly records: StateFile; readonly lock: LockFile },
  command: string,
  events: EventSink,
): ChangeSite {
  const { live, database, records, lock } = site;
  const { changes } = live.paths;
  const supervisor = supervisorOf(live, database);
  const announced = new AnnouncedChange(changes, command, wallClock.now());
  const pidOf = (name: string) => {
    const observation = supervisor.observe(database.names.indexOf(name));
    return observation.kind === 'unsupervised' ? 0 : observation.pid;
  };
  const locks = new ServiceLocks(lock, { changes, announced, names: database.names, pidOf });
  return { ports: { supervisor, clock: wallClock, records, locks, events }, end: () => announced.end() };
}
