/** Gives memory back when a burst of work is over: what starting a thousand services needs is not needed afterwards. */
import { releaseExecutable } from '@muster/posix/memory';
import type { Reactor } from '@muster/posix/reactor';
import { runtime } from '@muster/posix/runtime/runtime';

/** Events that are worth tidying up after. */
const BURST = 200;
/** Milliseconds from the first of them: most bursts are over by then. */
const DELAY = 2000;

export class Tidying {
  #events = 0;
  #pending = false;

  constructor(readonly reactor: Reactor) {}

  count(): void {
    this.#events++;
    if (this.#events > BURST) this.later();
  }

  later(): void {
    if (this.#pending) return;
    this.#pending = true;
    this.reactor.after(DELAY, () => {
      this.#pending = false;
      this.#events = 0;
      runtime.collectGarbage();
      releaseExecutable();
    });
  }
}
