/** Having the tree back on the way to changing something. */

import type { Deadline } from '@muster/posix/deadline';
import type { LockFile } from '@muster/store/live/lock-file';
import { revive } from '@muster/supervisors/arrange/revive';
import { tellDifferences } from './differences.ts';
import type { Opened } from './read.ts';

/** If that throws, nothing is held any more: rc-shutdown goes on by other means, and others would wait for it. */
export async function reviveOrClose(
  { live, database, records, lock }: Omit<Opened, 'kind'> & { readonly lock: LockFile },
  deadline: Deadline,
): Promise<void> {
  try {
    tellDifferences(await revive(live, database, process.execPath, deadline));
  } catch (error) {
    records.close();
    lock.close();
    throw error;
  }
}
