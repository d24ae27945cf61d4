/** What states services are seen in, whoever brought them there, over all the databases that a live directory has. */
import type { Watch } from '@muster/core/execute/ports';
import { everyService, type ServiceId } from '@muster/core/model/database';
import { openSupervisor } from '@muster/supervisors/open-supervisor';
import type { Opened } from '../open/read.ts';
import { type ServiceStatus, statusesOf } from './service-status.ts';

export interface StateListener {
  /** It is in another state than it was seen in before, has another process, or was not there before. */
  changed(status: ServiceStatus): void;
  /** An update has removed it, or given it another name. */
  gone(name: string): void;
}

export class StateChanges {
  readonly #listener: StateListener;
  /** By name: an id means something in one database only. */
  readonly #seen = new Map<string, string>();
  /** Those that become up by living on, which nothing tells of. */
  readonly #unstable = new Set<ServiceId>();
  #opened: Opened;
  #watch: Watch;

  constructor(opened: Opened, listener: StateListener) {
    this.#listener = listener;
    this.#opened = opened;
    for (const status of statusesOf(opened, everyService(opened.database))) this.#note(status);
    this.#watch = this.#watchAll();
  }

  /** Goes on in the same live directory after an update, whose database and records `opened` has. */
  moveTo(opened: Opened): void {
    this.close();
    this.#opened = opened;
    this.#unstable.clear();
    const names = new Set(opened.database.names);
    for (const name of [...this.#seen.keys()].filter((known) => !names.has(known))) {
      this.#seen.delete(name);
      this.#listener.gone(name);
    }
    this.#watch = this.#watchAll();
    for (const service of everyService(opened.database)) this.#look(service);
  }

  /** To be called now and then. */
  lookAgain(): void {
    for (const service of this.#unstable) this.#look(service);
  }

  close(): void {
    this.#watch.close();
    this.#opened.records.close();
  }

  #watchAll(): Watch {
    const services = everyService(this.#opened.database);
    return openSupervisor(this.#opened).watch(services, (service) => this.#look(service));
  }

  #look(service: ServiceId): void {
    const [status] = statusesOf(this.#opened, [service]);
    if (status === undefined) return;
    if (this.#note(status)) this.#listener.changed(status);
  }

  /** Whether it is another sight than the last one. */
  #note(status: ServiceStatus): boolean {
    if (status.state.name === 'unstable') this.#unstable.add(status.service);
    else this.#unstable.delete(status.service);
    const sight = sightOf(status);
    const isNew = this.#seen.get(status.name) !== sight;
    this.#seen.set(status.name, sight);
    return isNew;
  }
}

/** One that died and was started again between two looks is in the same state, with another process. */
function sightOf({ state, pid }: ServiceStatus): string {
  return `${state.name} ${pid}`;
}
