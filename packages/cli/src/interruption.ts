/** Ctrl-C, and SIGTERM: the first gives up what has not begun, the second leaves at once. */
import { EXIT } from './exit-codes.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

export class Interruption {
  readonly #controller = new AbortController();
  readonly #interrupt = () => {
    // The next command sees to the rest.
    if (this.signal.aborted) process.exit(EXIT.failed);
    this.#controller.abort();
  };

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Until then they end the process: nothing has been done. */
  listen(): void {
    for (const signal of SIGNALS) process.on(signal, this.#interrupt);
  }

  end(): void {
    for (const signal of SIGNALS) process.off(signal, this.#interrupt);
  }
}
