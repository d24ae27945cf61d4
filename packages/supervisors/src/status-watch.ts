/**
 * Every supervisor here, and the runner of oneshots, replaces a status file by a rename. So the kernel can tell of changes
 * in any number of services through one descriptor, and no listener has to be made in, or removed from, any of them.
 */
import type { Watch } from '@muster/core/execute/ports';
import type { ServiceId } from '@muster/core/model/database';
import { DirectoryChanges, EVERY_DIRECTORY } from '@muster/posix/inotify';

type Changed = (service: ServiceId) => void;

export class StatusWatch {
  readonly #directoryOf: (service: ServiceId) => string;
  #changes: DirectoryChanges | null = null;
  /** By the kernel's number of the directory. */
  readonly #services = new Map<number, ServiceId>();
  readonly #known = new Set<ServiceId>();
  #failure: { readonly error: unknown } | null = null;
  readonly #listeners = new Set<{ readonly services: ReadonlySet<ServiceId>; readonly changed: Changed }>();

  /** `directoryOf` gives the directory in which a service's status file is replaced. */
  constructor(directoryOf: (service: ServiceId) => string) {
    this.#directoryOf = directoryOf;
  }

  watch(services: Iterable<ServiceId>, changed: Changed): Watch {
    const listener = { services: new Set(services), changed };
    if (listener.services.size > 0) this.#listen(listener.services);
    this.#listeners.add(listener);
    return {
      close: () => {
        this.#listeners.delete(listener);
        if (this.#listeners.size === 0) this.#stop();
      },
    };
  }

  /** Throws why changes are not told any more: the system refused to, or a listener threw. To be called at each look. */
  throwFailure(): void {
    if (this.#failure !== null) throw this.#failure.error;
  }

  /** Tells the listeners of `service` something that is not in its status. */
  notify(service: ServiceId): void {
    for (const { services, changed } of this.#listeners) if (services.has(service)) changed(service);
  }

  #listen(services: ReadonlySet<ServiceId>): void {
    const fresh = this.#changes === null;
    const changes = this.#changes ?? new DirectoryChanges();
    this.#changes = changes;
    for (const service of services) {
      if (this.#known.has(service)) continue;
      const directory = changes.addRenamesInto(this.#directoryOf(service));
      if (directory === null) continue;
      this.#known.add(service);
      this.#services.set(directory, service);
    }
    if (!fresh) return;
    this.#failure = null;
    changes
      .listen((directory) => this.#changedIn(directory))
      .catch((error) => {
        if (this.#changes === changes) this.#fail(error);
      });
  }

  /** Whoever listens looks, and so comes to hear of it. */
  #fail(error: unknown): void {
    this.#failure = { error };
    for (const every of this.#known) this.notify(every);
  }

  #changedIn(directory: number): void {
    const service = this.#services.get(directory);
    if (directory === EVERY_DIRECTORY) for (const every of this.#known) this.notify(every);
    else if (service !== undefined) this.notify(service);
  }

  #stop(): void {
    this.#changes?.close();
    this.#changes = null;
    this.#known.clear();
    this.#services.clear();
  }
}
