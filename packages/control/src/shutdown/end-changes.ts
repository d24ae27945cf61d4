/** Keeping new changes out once everything is down. */
import { signalProcess } from '@muster/posix/signals';
import { until } from '@muster/posix/until';
import { holderName, runningChanges } from '@muster/store/live/changes';
import { livePaths } from '@muster/store/live/paths';
import type { Caller } from '../caller.ts';
import type { Changing } from '../open/change.ts';
import type { Claims } from './claims.ts';

const TERM = 15;
/** Milliseconds that changes have to end by themselves once all is down, and from the request to do so. */
const GRACE = 2000;
/** Milliseconds for making changes end, however many begin meanwhile. */
const CLAIMING = 30_000;

/** For people. */
export function nameOfHolder(root: string, pid: number): string {
  return holderName(livePaths(root).changes, pid) ?? 'another command';
}

/**
 * Keeps new changes out, once those that are under way have ended: by themselves, or because they were made to. Returns
 * whether there were any; whoever still holds on is killed with the rest, or out of reach.
 */
export async function endChanges({ live, lock }: Changing, claims: Claims, { events }: Caller): Promise<boolean> {
  if (lock.tryReplaceDatabase()) return false;
  const { changes, root } = live.paths;
  for (let asked = 0; asked < 2; asked++) {
    if (await until(() => lock.tryReplaceDatabase(), GRACE)) return true;
    for (const change of runningChanges(changes)) if (change.pid !== process.pid) signalProcess(change, TERM);
  }
  let told: number | null = null;
  await until(() => {
    if (lock.tryReplaceDatabase()) return true;
    const holder = lock.databaseHolder();
    if (holder !== null && holder !== told) events.emit({ event: 'waiting', holder: nameOfHolder(root, holder) });
    told = holder;
    return holder !== null && !claims.press(holder);
  }, CLAIMING);
  return true;
}
