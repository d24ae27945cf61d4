/** Waiting until supervisors answer, each with its control FIFO open, and until they have left. */
import { existsSync } from 'node:fs';
import { isRead } from '@muster/posix/fifo';
import { until } from '@muster/posix/until';
import { CONTROL_FIFO, SUPERVISE_STATUS } from '@muster/store/live/service-files';

/** Milliseconds between looks: the first, and the longest. One of them asks one supervisor. */
const FIRST_LOOK = 1;
const LONGEST_LOOK = 4;

/**
 * Resolves with those that do not answer `limit` milliseconds from now, none if all do. Each of `controls` is a FIFO that
 * its supervisor makes and reads.
 */
export async function untilRead(controls: readonly string[], limit: number): Promise<readonly string[]> {
  const end = performance.now() + limit;
  let silent = controls;
  for (let pause = FIRST_LOOK; ; pause = Math.min(pause * 2, LONGEST_LOOK)) {
    // Those behind the first that is silent are asked when it has answered: however long that takes, each is asked once.
    const first = silent.findIndex((control) => !answers(control));
    if (first === -1) return [];
    silent = silent.slice(first);
    if (performance.now() >= end) return silent.filter((control) => !answers(control));
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/** A supervisor reads its control FIFO a moment before it writes its first status, and without that nothing is known. */
function answers(control: string): boolean {
  return isRead(control) && (!control.endsWith(CONTROL) || existsSync(`${control.slice(0, -CONTROL.length)}${STATUS}`));
}

const CONTROL = `/${CONTROL_FIFO}`;
const STATUS = `/${SUPERVISE_STATUS}`;

/** Whether none of `controls` is read any more, at the latest `limit` milliseconds from now. */
export async function untilUnread(controls: readonly string[], limit: number): Promise<boolean> {
  let read = controls;
  return await until(() => {
    read = read.filter(isRead);
    return read.length === 0;
  }, limit);
}
