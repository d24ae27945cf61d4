/** Waiting for what a supervisor tells of, through the port alone. */
import type { Supervisor } from '@muster/core/execute/ports';
import { everyService, type ServiceId, serviceNamed } from '@muster/core/model/database';
import type { LongrunObservation, OneshotObservation } from '@muster/core/model/observation';
import { PATIENCE } from '@muster/posix/test/eventually';

export class Watching {
  readonly #looks = new Set<() => void>();
  readonly #watch;

  constructor(
    readonly supervisor: Supervisor,
    readonly names: readonly string[],
  ) {
    this.#watch = supervisor.watch(everyService({ names }), () => {
      for (const look of this.#looks) look();
    });
  }

  id(name: string): ServiceId {
    const id = serviceNamed(this, name);
    if (id === undefined) throw new Error(`no service ${name}`);
    return id;
  }

  /** `advance` moves a world that does not move by itself; false: nothing will ever happen there again. */
  async until(what: string, condition: () => boolean, advance?: () => boolean): Promise<void> {
    let holds = condition();
    if (holds) return;
    let settle = () => {};
    const look = () => {
      holds ||= condition();
      if (holds) settle();
    };
    this.#looks.add(look);
    try {
      if (advance !== undefined) while (!holds && advance());
      if (!holds) await this.#told(what, advance === undefined ? PATIENCE : 0, (settled) => (settle = settled));
    } finally {
      this.#looks.delete(look);
    }
    if (!condition() && !holds) throw new Error(this.#failure(what));
  }

  async #told(what: string, limit: number, listen: (settled: () => void) => void): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(this.#failure(what))), limit);
      listen(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #failure(what: string): string {
    const seen = everyService(this).map((id) => `${this.names[id]}: ${JSON.stringify(this.supervisor.observe(id))}`);
    return `the watch told nothing by which one would see: ${what}. A look now sees\n${seen.join('\n')}`;
  }

  longrun(name: string): LongrunObservation {
    const seen = this.supervisor.observe(this.id(name));
    if (seen.kind !== 'longrun') throw new Error(`${name} is ${seen.kind}`);
    return seen;
  }

  oneshot(name: string): OneshotObservation {
    const seen = this.supervisor.observe(this.id(name));
    if (seen.kind !== 'oneshot') throw new Error(`${name} is ${seen.kind}`);
    return seen;
  }

  close(): void {
    this.#watch.close();
  }
}
