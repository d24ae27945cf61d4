/** Having the tree back on the way to changing something. */
import type { Deadline } from '@muster/posix/deadline';
import { supervisorFor } from '@muster/supervisors/supervisor-table';
import type { Caller } from '../caller.ts';
import type { Changing } from './change.ts';

/** If that throws, nothing is held any more: rc-shutdown goes on by other means, and others would wait for it. */
export async function reviveOrClose(
  { live, database, records, lock }: Changing,
  deadline: Deadline,
  { muster, events }: Pick<Caller, 'muster' | 'events'>,
): Promise<void> {
  try {
    const differences = await supervisorFor(live).revive(live, database, muster, deadline);
    if (differences.length > 0) events.emit({ event: 'tree-differs', differences });
  } catch (error) {
    records.close();
    lock.close();
    throw error;
  }
}
