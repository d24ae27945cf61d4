/** Waiting for whoever keeps a live directory's database, unless that would never end. */
import { everyService, nameOf } from '@muster/core/model/database';
import { type Deadline, timeLeft } from '@muster/posix/deadline';
import { ancestors, ownPid } from '@muster/posix/process';
import { holderName } from '@muster/store/live/changes';
import { livePaths } from '@muster/store/live/paths';
import { openSupervisor } from '@muster/supervisors/open-supervisor';
import type { Caller } from '../caller.ts';
import { UNHEARD } from '../events.ts';
import { pidsSeenHere } from '../pids-seen-here.ts';
import { type Busy, CANCELLED, type Cancelled } from '../problems.ts';
import { openForReading } from './read.ts';

/** How long a caller waits for whoever keeps the database. */
export interface Patience {
  /** It says at once that somebody is at it. */
  readonly noWait: boolean;
  readonly deadline: Deadline;
  /** Called again and again with the process that is waited for (0 means one out of sight); false if there is no point in it. */
  readonly press?: (holder: number) => boolean;
}

/** Milliseconds between looks at whether it is over, and at whether waiting for it would never end. */
const LOOK = 20;
const DEADLOCK_LOOK = 500;

/** One caller's waiting: it says once for whom. */
export class DatabaseWait {
  readonly #root: string;
  readonly #patience: Patience;
  readonly #caller: Caller;
  #told = false;
  #looked = Number.NEGATIVE_INFINITY;

  constructor(root: string, patience: Patience, caller: Caller) {
    this.#root = root;
    this.#patience = patience;
    this.#caller = caller;
  }

  /** Waits for a moment; or says why there is no point in that. `holder`: a pid, if it is known. */
  async moment(holder: number | null): Promise<Busy | Cancelled | null> {
    const { noWait, deadline, press } = this.#patience;
    const name = holderName(livePaths(this.#root).changes, holder) ?? 'another command';
    if (performance.now() - this.#looked > DEADLOCK_LOOK) {
      this.#looked = performance.now();
      const inside = movingServiceAround(this.#root);
      if (inside !== null) return { kind: 'busy', holder: name, inside, late: false };
    }
    const late = timeLeft(deadline) === 0 || (holder !== null && press?.(holder) === false);
    if (noWait || late) return { kind: 'busy', holder: name, inside: null, late: late && !noWait };
    if (!this.#told) this.#caller.events.emit({ event: 'waiting', holder: name });
    this.#told = true;
    await new Promise((resolve) => setTimeout(resolve, timeLeft(deadline, LOOK)));
    return this.#caller.signal.aborted ? CANCELLED : null;
  }
}

/** The service that is just being moved, and whose script or daemon this process is a child of. */
function movingServiceAround(root: string): string | null {
  const opened = openForReading(root, UNHEARD);
  if (!opened.ok) return null;
  const { live, database, records } = opened.value;
  try {
    const supervisor = openSupervisor(opened.value);
    const inside = new Set(ancestors(ownPid()));
    const seenHere = pidsSeenHere(live);
    const found = everyService(database).find((service) => {
      if (records.read(service).phase !== 'begun') return false;
      const observation = supervisor.observe(service);
      return observation.kind !== 'unsupervised' && inside.has(seenHere(nameOf(database, service), observation.pid));
    });
    return found === undefined ? null : nameOf(database, found);
  } finally {
    records.close();
  }
}
