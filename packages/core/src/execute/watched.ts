/** The services that a change looks at: each is watched once, from when the change first has to do with it. */
import type { ServiceId } from '../model/database.ts';
import type { Supervisor, Watch } from './ports.ts';

export class WatchedServices {
  readonly #supervisor: Supervisor;
  readonly #touch: (service: ServiceId) => void;
  readonly #services = new Set<ServiceId>();
  readonly #watches: Watch[] = [];

  constructor(supervisor: Supervisor, touch: (service: ServiceId) => void) {
    this.#supervisor = supervisor;
    this.#touch = touch;
  }

  add(services: readonly ServiceId[]): void {
    const fresh = services.filter((service) => !this.#services.has(service));
    if (fresh.length === 0) return;
    for (const service of fresh) this.#services.add(service);
    this.#watches.push(this.#supervisor.watch(fresh, this.#touch));
  }

  close(): void {
    for (const watch of this.#watches) watch.close();
  }
}
