/** Everything that carrying out a change needs of a live directory, put together. */
import type { EventSink, Ports } from '@muster/core/execute/ports';
import type { Database } from '@muster/core/model/database';
import { AnnouncedChange } from '@muster/store/live/changes';
import type { LockFile } from '@muster/store/live/lock-file';
import type { Live } from '@muster/store/live/open';
import { ServiceLocks } from '@muster/store/live/service-locks';
import type { StateFile } from '@muster/store/live/state';
import { startTree } from './embedded/start.ts';
import { recordEvents } from './event-record.ts';
import type { Lend } from './oneshots/client.ts';
import { pidsSeenHere } from './pids-seen-here.ts';
import { supervisorOf } from './supervisors.ts';
import { wallClock } from './wall-clock.ts';

export interface ChangeSite {
  readonly ports: Ports;
  /** The change is over: nobody needs to know of it any more. */
  end(): void;
}

interface Site {
  readonly live: Live;
  readonly database: Database;
  readonly records: StateFile;
  readonly lock: LockFile;
  /** The executable that starts the embedded tree again, should it die meanwhile; absent: nobody does. */
  readonly muster?: string;
  readonly lend?: Lend;
}

/** `command`: how other changes name this one to people. */
export async function announceChange(site: Site, command: string, events: EventSink): Promise<ChangeSite> {
  const { live, database, records, lock, muster } = site;
  const { changes } = live.paths;
  const supervisor = supervisorOf(muster === undefined ? site : { ...site, revive: () => startTree(live, muster) });
  await supervisor.connect();
  const announced = new AnnouncedChange(changes, command, wallClock.now());
  const seenHere = pidsSeenHere(live);
  const pidOf = (name: string) => {
    const observation = supervisor.observe(database.names.indexOf(name));
    return observation.kind === 'unsupervised' ? 0 : seenHere(name, observation.pid);
  };
  const locks = new ServiceLocks(lock, { changes, announced, names: database.names, pidOf });
  const record = recordEvents(live.paths, database, command, events);
  return {
    ports: { supervisor, clock: wallClock, records, locks, events: record },
    end: () => {
      record.end();
      supervisor.close();
      announced.end();
    },
  };
}
