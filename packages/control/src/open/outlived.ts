/** Taking away a live directory that has outlived its boot, container or PID namespace. */

import { until } from '@muster/posix/until';
import { LockFile } from '@muster/store/live/lock-file';
import { openLive } from '@muster/store/live/open';
import { identityOf, removeLive } from '@muster/store/live/remove';
import { detach } from '@muster/supervisors/arrange/detach';
import { withDatabase } from './read.ts';

/** Milliseconds for supervisors of this life that have found its services, and for another command that does the same. */
const PATIENCE = 30_000;

/** One command at a time: what it takes away is not what another one has just made in its place. */
export async function clearOutlived(root: string): Promise<void> {
  const was = identityOf(root);
  const opened = openLive(root);
  if (!opened.ok || opened.value.outlived === null) return;
  const found = opened.value;
  const lock = new LockFile(found.paths.lock);
  try {
    if (!(await until(() => identityOf(root) !== was || lock.tryArrange(), PATIENCE))) return;
    if (identityOf(root) !== was || !lock.ranges.isInPlace()) return;
    const whole = withDatabase(found);
    if (whole.ok) {
      whole.value.records.close();
      await detach(found, whole.value.database, PATIENCE);
    }
    removeLive(root);
  } finally {
    lock.close();
  }
}
