/**
 * A supervisor of s6 or runit that was killed is back at once, knows nothing of the daemon that the killed one had started, and
 * starts a second one when it is told to. So whoever tells it has the first one end before.
 */
import { isSignalTarget } from '@muster/posix/signals';
import { noteDaemon } from './started-daemon.ts';
import { endStray, type Stray } from './strays.ts';

/** Milliseconds that what was found is true: supervisors are killed seldom, and looking goes through every process. */
const SHELF_LIFE = 1000;
/** Milliseconds that a daemon has to end before it is killed. */
const GRACE = 5000;

export class StrayGuard {
  readonly #strays: () => readonly Stray[];
  #found: readonly Stray[] = [];
  #lookedAt = Number.NEGATIVE_INFINITY;
  /** Services that are to be started when their strays have ended. */
  readonly #waiting = new Map<string, () => void>();
  readonly #failures = new Map<string, { readonly error: unknown }>();
  /** The daemons that have been noted, by directory. */
  readonly #noted = new Map<string, number>();

  /** `strays` finds those of all services. */
  constructor(strays: () => readonly Stray[]) {
    this.#strays = strays;
  }

  /** Calls `begin`: now, or once what an earlier supervisor of this service has left is gone. */
  start(service: string, begin: () => void): void {
    this.#failures.delete(service);
    const isUnderWay = this.#waiting.has(service);
    const strays = isUnderWay ? [] : this.#straysOf(service);
    if (strays.length === 0 && !isUnderWay) {
      begin();
      return;
    }
    this.#waiting.set(service, begin);
    if (isUnderWay) return;
    this.#end(service, strays).catch((error) => {
      this.#waiting.delete(service);
      this.#failures.set(service, { error });
    });
  }

  /** It is not to be started any more. */
  cancel(service: string): void {
    this.#waiting.delete(service);
    this.#failures.delete(service);
  }

  /** Throws what went wrong when it was to be started after its strays. To be called at each look. */
  throwFailure(service: string): void {
    const failure = this.#failures.get(service);
    if (failure !== undefined) throw failure.error;
  }

  close(): void {
    this.#waiting.clear();
  }

  /** The supervisor of the service in `directory` shows that this process runs. */
  note(directory: string, pid: number): void {
    if (this.#noted.get(directory) === pid || !isSignalTarget(pid)) return;
    this.#noted.set(directory, pid);
    noteDaemon(directory, pid);
  }

  async #end(service: string, strays: readonly Stray[]): Promise<void> {
    const ends = await Promise.all(strays.map((stray) => endStray(stray, GRACE)));
    this.#lookedAt = Number.NEGATIVE_INFINITY;
    const begin = this.#waiting.get(service);
    this.#waiting.delete(service);
    // What cannot be killed is still the service's one daemon.
    if (ends.every(Boolean)) begin?.();
  }

  #straysOf(service: string): readonly Stray[] {
    const now = performance.now();
    if (now > this.#lookedAt + SHELF_LIFE) {
      this.#lookedAt = now;
      this.#found = this.#strays();
    }
    return this.#found.filter((stray) => stray.service === service);
  }
}
