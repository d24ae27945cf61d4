/** Who supervises, and whether orders reach anybody. */
import { closeSync, existsSync } from 'node:fs';
import { openFifoForWriting } from '@muster/posix/fifo';
import { RangeLocks } from '@muster/posix/lock';

/**
 * The pid of who holds `lock`, a supervisor's or a scandir's; null: nobody. That a control FIFO has a reader would not tell:
 * when the tree is killed in the middle of a start, the child has everything open that the tree had until it comes to its
 * exec, and what was ordered meanwhile is forgotten with it.
 */
export function supervisorOf(lock: string): number | null {
  if (!existsSync(lock)) return null;
  const locks = new RangeLocks(lock);
  const holder = locks.holder({ start: 0, length: 0 });
  locks.close();
  return holder;
}

/** Whether anybody has the FIFO open for reading. */
export function isListenedTo(control: string): boolean {
  const fifo = openFifoForWriting(control);
  if (fifo !== null) closeSync(fifo);
  return fifo !== null;
}
