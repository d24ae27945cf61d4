/** The lock that an s6-svscan, or the embedded tree, holds in its scandir while it lives. */
import { isAbsent } from '@muster/posix/absence';
import { RangeLocks, WHOLE_FILE } from '@muster/posix/lock';

/** The pid, or null if there is none. 0 means one in another PID namespace, or one that this user may not ask for. */
export function lockHolder(scandir: string): number | null {
  let lock: RangeLocks;
  try {
    lock = RangeLocks.toAsk(`${scandir}/.s6-svscan/lock`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EACCES') return 0;
    if (isAbsent(error)) return null;
    throw error;
  }
  try {
    return lock.holder(WHOLE_FILE);
  } finally {
    lock.close();
  }
}
