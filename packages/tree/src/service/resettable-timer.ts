/** One thing that is to happen later; setting it anew forgets what was to happen before. */
import type { Timer } from '@muster/posix/reactor';
import type { Loop } from '../system/system.ts';

export class ResettableTimer {
  #timer: Timer | undefined;

  constructor(readonly loop: Pick<Loop, 'after'>) {}

  /** `delay`: milliseconds. */
  set(delay: number, ring: () => void): void {
    this.cancel();
    this.#timer = this.loop.after(delay, ring);
  }

  cancel(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
