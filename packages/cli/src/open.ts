/** A live directory with its database and records, as commands need it. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Diagnostic } from '@muster/core/diagnostics/diagnostic';
import type { Database } from '@muster/core/model/database';
import { decode } from '@muster/store/database/decode';
import { isInterrupted } from '@muster/store/live/journal';
import type { LockFile } from '@muster/store/live/lock-file';
import { type Live, openLive, openLiveForChange, type Refused } from '@muster/store/live/open';
import { damaged } from '@muster/store/live/problem';
import { StateDamaged, StateFile } from '@muster/store/live/state';
import { revive } from '@muster/supervise/arrange/revive';
import type { Call } from './arguments/command.ts';
import { livePath } from './arguments/paths.ts';
import type { Waiting } from './waiting.ts';

export interface Opened {
  readonly kind: 'opened';
  readonly live: Live;
  readonly database: Database;
  readonly records: StateFile;
}

/** For looking. Takes no lock. */
export function openForReading(root: string): Opened | Refused {
  const live = openLive(root);
  return live.kind === 'live' ? withDatabase(live) : live;
}

export function withDatabase(live: Live): Opened | Refused {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(live.databasePath);
  } catch (error) {
    return refused(damaged(live.databasePath, (error as Error).message));
  }
  const decoded = decode(bytes);
  if (!decoded.ok) return refused(damaged(live.databasePath, decoded.message));
  try {
    const records = new StateFile(live.statePath, decoded.database.names.length);
    return { kind: 'opened', live, database: decoded.database, records };
  } catch (error) {
    if (error instanceof StateDamaged) return refused(error.diagnostic);
    return refused(damaged(live.statePath, (error as Error).message));
  }
}

function refused(diagnostic: Diagnostic): Refused {
  return { kind: 'refused', diagnostic };
}

export function rootOf(call: Call): string {
  return resolve(call.value('live') ?? livePath());
}

/** A live directory whose database stays what it is until `lock` is closed. */
export interface Changing {
  readonly kind: 'changing';
  readonly live: Live;
  readonly database: Database;
  readonly records: StateFile;
  readonly lock: LockFile;
}

export interface Busy {
  readonly kind: 'busy';
  readonly holder: string;
  /** The holder waits for this service's script, in which this command runs: waiting would never end. */
  readonly inside: string | null;
}

/**
 * Waits while an update replaces the database, and says so; with `noWait` it does not. Supervisors that were killed run
 * again when this resolves.
 */
export async function openForChanging(
  root: string,
  { noWait }: { readonly noWait: boolean },
): Promise<Changing | Busy | Refused> {
  let waiting: Waiting | undefined;
  for (;;) {
    const kept = openLiveForChange(root);
    if (kept.kind === 'refused') return kept;
    if (kept.kind === 'kept' && isInterrupted(kept.live.paths)) {
      kept.lock.close();
      const { mendInterrupted } = await import('./update/door.ts');
      const refused = await mendInterrupted(root);
      if (refused !== null) return refused;
      continue;
    }
    if (kept.kind === 'kept') {
      const opened = withDatabase(kept.live);
      if (opened.kind === 'opened') {
        await revive(opened.live, opened.database, process.execPath);
        return { ...opened, kind: 'changing', lock: kept.lock };
      }
      kept.lock.close();
      return opened;
    }
    const { Waiting } = await import('./waiting.ts');
    waiting ??= new Waiting(root, { noWait });
    const busy = await waiting.moment(kept.holder);
    if (busy !== null) return busy;
  }
}
