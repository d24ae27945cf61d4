/** One thing that is to happen later; setting it anew forgets what was to happen before. */
import type { Reactor, Timer } from '@muster/posix/reactor';

export class Alarm {
  #timer: Timer | undefined;

  constructor(readonly reactor: Reactor) {}

  /** `delay`: milliseconds. */
  set(delay: number, ring: () => void): void {
    this.cancel();
    this.#timer = this.reactor.after(delay, ring);
  }

  cancel(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
