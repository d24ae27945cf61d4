/** What is done with a lock that was just taken, on the way to changing something. */
import type { LockFile } from '@muster/store/live/lock-file';

/** If `open` throws, nothing is held any more: rc-shutdown goes on by other means, and others would wait for it. */
export async function orLetGo<T>(lock: LockFile, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    lock.close();
    throw error;
  }
}
