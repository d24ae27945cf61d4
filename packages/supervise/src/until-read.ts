/** Waiting until supervisors answer: until each has its control FIFO open. */
import { existsSync } from 'node:fs';
import { isRead } from './s6/driver.ts';

/** Milliseconds between looks: the first, and the longest. */
const FIRST_LOOK = 1;
const LONGEST_LOOK = 16;

/**
 * Resolves with those that do not answer `limit` milliseconds from now, none if all do. Each of `controls` is a FIFO that
 * its supervisor makes and reads.
 */
export async function untilRead(controls: readonly string[], limit: number): Promise<readonly string[]> {
  const end = performance.now() + limit;
  let silent = controls;
  for (let pause = FIRST_LOOK; ; pause = Math.min(pause * 2, LONGEST_LOOK)) {
    silent = silent.filter((control) => !answers(control));
    if (silent.length === 0 || performance.now() >= end) return silent;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/** A supervisor reads its control FIFO a moment before it writes its first status, and without that nothing is known. */
function answers(control: string): boolean {
  return isRead(control) && (!control.endsWith(CONTROL) || existsSync(`${control.slice(0, -CONTROL.length)}${STATUS}`));
}

const CONTROL = '/supervise/control';
const STATUS = '/supervise/status';
