/**
 * Waiting until services are up, ready, done or down. Starts and stops nothing. It goes on over updates, with what the names stand
 * for by then; what is no more, in a database or with the whole live directory, is down, and will not be up.
 */

import type { Supervisor, Watch } from '@muster/core/execute/ports';
import { type Condition, conditionUnderLease, isDone } from '@muster/core/model/condition';
import type { Database, ServiceId } from '@muster/core/model/database';
import { type StabilitySources, unstableBelow } from '@muster/core/model/stability';
import { select, servicesNamed } from '@muster/core/plan/goal';
import { type Result, success } from '@muster/core/result';
import { openSupervisor } from '@muster/supervisors/open-supervisor';
import type { Caller } from './caller.ts';
import type { Opened } from './open/read.ts';
import { openSelected, type Selected } from './open/select.ts';
import { followSuccession } from './open/succession.ts';
import type { LookProblem } from './problems.ts';

/** Milliseconds between looks at what nobody tells: the records. */
const LOOK = 200;

export interface WaitRequest {
  /** The live directory. */
  readonly root: string;
  /** Of services and bundles. */
  readonly names: readonly string[];
  /** `up`: they run; `ready`: they are up and ready; `done`: they have ended as they may, or their scripts have. */
  readonly way: 'up' | 'ready' | 'done' | 'down';
  /** Milliseconds; 0 means none. */
  readonly limit: number;
}

export interface Waited {
  /** All is so; or time ran out, an update has taken away what `gone` names, the live directory has ended, or the caller has given up. */
  readonly end: 'so' | 'late' | 'gone' | 'ended' | 'cancelled';
  /** The last database. */
  readonly database: Database;
  /** Those in it that are not so. */
  readonly missing: readonly ServiceId[];
  /** Names that were given. */
  readonly gone: readonly string[];
}

export async function waitFor(
  request: WaitRequest,
  { events, signal }: Pick<Caller, 'events' | 'signal'>,
): Promise<Result<Waited, LookProblem>> {
  const opened = openSelected(request.root, request.names, events);
  return opened.ok ? success(await waitIn(opened.value, request, signal)) : opened;
}

function waitIn(first: Selected, { names, way, limit }: WaitRequest, signal: AbortSignal): Promise<Waited> {
  let opened: Opened = first;
  let supervisor = openSupervisor(opened);
  let missing: readonly ServiceId[] = first.chosen;
  return new Promise((resolve, reject) => {
    let isOver = false;
    const look = () => {
      missing = missing.filter((service) => !isSo({ ...opened, supervisor }, service, way));
      if (missing.length === 0) end('so');
    };
    const lookOrFail = () => {
      // What the kernel had told before it was over may come after it.
      if (isOver) return;
      try {
        look();
      } catch (error) {
        fail(error);
      }
    };
    const watchMissing = () => supervisor.watch(missing, lookOrFail);
    let watch: Watch | null = null;
    const move = (next: Opened) => {
      const before = opened.database;
      watch?.close();
      opened.records.close();
      opened = next;
      const { selection, unknown } = select(next.database, names);
      const gone = way === 'down' ? unknown.filter((name) => !isRemoved(before, next.database, name)) : unknown;
      supervisor = openSupervisor(opened);
      missing = servicesNamed(selection);
      watch = watchMissing();
      if (gone.length > 0) end('gone', gone);
      else look();
    };
    const following = followSuccession(first, LOOK, {
      looks: () => {},
      moved: move,
      ended: () => {
        // What ended with it is down.
        if (way === 'down') missing = [];
        end(way === 'down' ? 'so' : 'ended');
      },
      failed: (error) => fail(error),
    });
    const looks = setInterval(lookOrFail, LOOK);
    const deadline = limit === 0 ? undefined : setTimeout(() => end('late'), limit);
    const cancel = () => end('cancelled');
    signal.addEventListener('abort', cancel);
    const letGo = () => {
      isOver = true;
      watch?.close();
      following.close();
      clearInterval(looks);
      clearTimeout(deadline);
      signal.removeEventListener('abort', cancel);
      opened.records.close();
    };
    const end = (how: Waited['end'], gone: readonly string[] = []) => {
      letGo();
      resolve({ end: how, database: opened.database, missing, gone });
    };
    const fail = (error: unknown) => {
      letGo();
      reject(error);
    };
    if (signal.aborted) {
      cancel();
      return;
    }
    try {
      watch = watchMissing();
      look();
    } catch (error) {
      fail(error);
    }
  });
}

function isSo(
  { records, ...sources }: Pick<Opened, 'records'> & StabilitySources & { readonly supervisor: Supervisor },
  service: ServiceId,
  way: WaitRequest['way'],
): boolean {
  const record = records.read(service);
  const seen = sources.supervisor.observe(service);
  if (way === 'done' && seen.kind === 'longrun') return isDone(record, seen);
  if (way !== 'down' && unstableBelow(sources, service, record, seen) !== null) return false;
  if (way === 'up' && seen.kind === 'longrun' && seen.state === 'up') return true;
  const sought: Condition = way === 'down' ? 'down' : 'up';
  return conditionUnderLease(record, seen) === sought;
}

/** An update stops what it removes. What it renames goes on. */
function isRemoved(before: Database, after: Database, name: string): boolean {
  return before.names.includes(name) && !after.renamedFrom.some((earlier) => earlier.includes(name));
}
