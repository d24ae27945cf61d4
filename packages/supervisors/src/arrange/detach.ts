/** Taking a live directory's services from their supervisors, once all of them are down. */
import type { Database } from '@muster/core/model/database';
import { until } from '@muster/posix/until';
import type { Live } from '@muster/store/live/open';
import { endStrays } from '../strays/strays.ts';
import { supervisorFor } from '../supervisor-table.ts';
import { untilUnread } from '../until-read.ts';

/** Milliseconds that what nobody supervises has to end. */
const GRACE = 2000;

/** Resolves when no supervisor of this live directory runs any more, or `limit` milliseconds from now: then false. */
export async function detach(live: Live, database: Database, limit: number): Promise<boolean> {
  const supervisor = supervisorFor(live);
  const hasEnded = supervisor.detach(live, database);
  const left = await Promise.all([untilUnread(supervisor.controls(live, database), limit), until(hasEnded, limit)]);
  await endStrays(() => supervisor.strays(live.paths), GRACE);
  return left.every(Boolean);
}
