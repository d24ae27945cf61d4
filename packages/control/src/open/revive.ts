/** Having the tree back on the way to changing something. */
import type { Deadline } from '@muster/posix/deadline';
import { supervisorFor } from '@muster/supervisors/supervisor-table';
import type { Caller } from '../caller.ts';
import type { Opened } from './read.ts';

export async function reviveTree(
  { live, database }: Pick<Opened, 'live' | 'database'>,
  deadline: Deadline,
  { muster, events }: Pick<Caller, 'muster' | 'events'>,
): Promise<void> {
  const differences = await supervisorFor(live).revive(live, database, muster, deadline);
  if (differences.length > 0) events.emit({ event: 'tree-differs', differences });
}
