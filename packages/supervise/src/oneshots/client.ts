/** The side that asks for oneshots to be run, and looks at what became of them. */
import { readFileSync } from 'node:fs';
import type { Watch } from '@muster/core/execute/ports';
import type { ServiceId } from '@muster/core/model/database';
import type { NoObservation, OneshotObservation } from '@muster/core/model/observation';
import { writeFifo } from '@muster/posix/fifo';
import { isRead } from '../s6/driver.ts';
import { StatusWatch } from '../status-watch.ts';
import {
  controlPath,
  decodeOneshotStatus,
  encodeRequest,
  type Lender,
  NEVER_RUN,
  observationOf,
  type Verb,
} from './protocol.ts';

/** Asked when a script is about to be run: who lends it a terminal? Null: nobody. */
export type Lend = (service: ServiceId) => Lender | null;

export class OneshotClient {
  readonly #control: string;
  readonly #directoryOf: (service: ServiceId) => string;
  readonly #nameOf: (service: ServiceId) => string;
  readonly #lend: Lend;
  readonly #watch: StatusWatch;
  /** What was told and has not been seen in the status yet: then the status is still an answer to something earlier. */
  readonly #told = new Map<ServiceId, string>();

  /** `oneshots` is that directory of the live directory. */
  constructor(
    oneshots: string,
    nameOf: (service: ServiceId) => string,
    directoryOf: (service: ServiceId) => string,
    lend: Lend = () => null,
  ) {
    this.#control = controlPath(oneshots);
    this.#nameOf = nameOf;
    this.#directoryOf = directoryOf;
    this.#lend = lend;
    this.#watch = new StatusWatch(directoryOf);
  }

  observe(service: ServiceId): OneshotObservation | NoObservation {
    const text = this.#statusText(service);
    const told = this.#told.get(service);
    if (told !== undefined && text !== told) this.#told.delete(service);
    if (told !== undefined && text === told && !isRead(this.#control)) return { kind: 'unsupervised' };
    return observationOf((text === '' ? null : decodeOneshotStatus(text)) ?? NEVER_RUN);
  }

  watch(services: Iterable<ServiceId>, changed: (service: ServiceId) => void): Watch {
    return this.#watch.watch(services, changed);
  }

  tell(service: ServiceId, verb: Verb): void {
    if (verb !== 'kill') this.#told.set(service, this.#statusText(service));
    const lender = verb === 'kill' ? null : this.#lend(service);
    writeFifo(this.#control, Buffer.from(encodeRequest({ verb, name: this.#nameOf(service), lender })));
  }

  #statusText(service: ServiceId): string {
    try {
      return readFileSync(`${this.#directoryOf(service)}/status`, 'utf8');
    } catch {
      return '';
    }
  }
}
