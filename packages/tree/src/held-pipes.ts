/** FIFOs that the tree holds open: what was written and not yet read is kept when either end of them dies. */
import { closeSync, constants, openSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { namesIn } from '@muster/posix/absence';

export class HeldPipes {
  readonly #held = new Map<string, number>();

  /** `directory` undefined means none. */
  constructor(
    readonly directory: string | undefined,
    readonly warn: (message: string) => void,
  ) {}

  /** Takes hold of FIFOs that are new in the directory, and lets go of those that are not there any more. */
  refresh(): void {
    if (this.directory === undefined) return;
    const present = new Set<string>();
    for (const name of namesIn(this.directory)) {
      const path = join(this.directory, name);
      const found = statSync(path, { throwIfNoEntry: false });
      if (found?.isFIFO() !== true) continue;
      const identity = `${name}\0${found.dev}:${found.ino}`;
      present.add(identity);
      if (this.#held.has(identity)) continue;
      try {
        this.#held.set(identity, openSync(path, constants.O_RDWR | constants.O_NONBLOCK));
      } catch (error) {
        this.warn(`unable to hold ${path}: ${error}`);
      }
    }
    for (const [identity, descriptor] of this.#held) {
      if (present.has(identity)) continue;
      closeSync(descriptor);
      this.#held.delete(identity);
    }
  }
}
