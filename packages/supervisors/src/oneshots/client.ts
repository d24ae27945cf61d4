/**
 * The side that asks for oneshots to be run, and looks at what became of them.
 *
 *     told ──its id in the status──▶ taken
 *      │ ▲
 *      └─┘ said again as long as somebody listens: what a runner had not taken yet when it died is lost
 *
 * Of a script that runs, nobody will say how it ended if its runner has died for good: then it is unsupervised.
 */
import type { Remains, Watch } from '@muster/core/execute/ports';
import type { ServiceId } from '@muster/core/model/database';
import type { NoObservation, Observation, OneshotObservation } from '@muster/core/model/observation';
import { isRead, writeFifo } from '@muster/posix/fifo';
import { hasUnread, withdrawOrders } from '@muster/posix/unread-orders';
import {
  controlPath,
  decodeRequest,
  encodeRequest,
  hasTaken,
  type Lender,
  type OneshotStatus,
  observationOf,
  type Request,
  type Verb,
} from '@muster/protocol/oneshots/protocol';
import { savedStatus } from '@muster/protocol/oneshots/status-file';
import { describeRemains, remainsOfSession } from '@muster/protocol/remains';
import { StatusWatch } from '../status-watch.ts';

/** Asked when a script is about to be run: who lends it a terminal? Null means nobody. */
export type Lend = (service: ServiceId) => Lender | null;

/** Milliseconds between looks whether a request was taken. */
const LOOK = 250;
/** Milliseconds in which a runner that died is back, where anybody starts it again. */
const PATIENCE = 3000;

interface Told {
  readonly request: Request;
  /** When somebody last listened, by `performance.now`. */
  heardAt: number;
  isUnheard: boolean;
}

const OWN_IDS = `${process.pid}.${Date.now().toString(36)}`;
let requests = 0;

export class OneshotClient {
  readonly #control: string;
  readonly #directoryOf: (service: ServiceId) => string;
  readonly #nameOf: (service: ServiceId) => string;
  readonly #lend: Lend;
  readonly #isInPlace: () => boolean;
  readonly #watch: StatusWatch;
  /** What has not been seen to be taken yet: until then the status is an answer to something earlier. */
  readonly #told = new Map<ServiceId, Told>();
  #timer: Timer | null = null;
  #runner = { lookedAt: Number.NEGATIVE_INFINITY, heardAt: Number.POSITIVE_INFINITY };

  /** `oneshots` is that directory of the live directory. */
  constructor(
    oneshots: string,
    nameOf: (service: ServiceId) => string,
    directoryOf: (service: ServiceId) => string,
    { lend = () => null, isInPlace = () => true }: { readonly lend?: Lend; readonly isInPlace?: () => boolean } = {},
  ) {
    this.#control = controlPath(oneshots);
    this.#nameOf = nameOf;
    this.#directoryOf = directoryOf;
    this.#lend = lend;
    this.#isInPlace = isInPlace;
    this.#watch = new StatusWatch(directoryOf);
  }

  observe(service: ServiceId): OneshotObservation | NoObservation {
    this.#watch.throwFailure();
    const status = savedStatus(this.#directoryOf(service));
    const told = this.#told.get(service);
    if (told !== undefined && isAnswered(told, status)) this.#told.delete(service);
    else if (told?.isUnheard) return { kind: 'unsupervised' };
    if (status.running !== null && this.#isRunnerGone()) return { kind: 'unsupervised' };
    return observationOf(status);
  }

  /** Of what was there `before`, and of the script that has ended since. */
  remains(service: ServiceId, before: Observation): Remains[] {
    const earlier = before.kind === 'oneshot' ? before.last?.left : undefined;
    const sessions = [earlier, savedStatus(this.#directoryOf(service)).last?.left].filter((left) => left !== undefined);
    return sessions.flatMap(remainsOfSession).map(describeRemains);
  }

  watch(services: Iterable<ServiceId>, changed: (service: ServiceId) => void): Watch {
    return this.#watch.watch(services, changed);
  }

  order(service: ServiceId, verb: Verb): void {
    const lender = verb === 'kill' ? null : this.#lend(service);
    const request = { verb, id: `${OWN_IDS}.${++requests}`, name: this.#nameOf(service), lender };
    const told = { request, heardAt: performance.now(), isUnheard: false };
    this.#told.set(service, told);
    this.#say(service, told);
    this.#timer ??= setInterval(() => this.#lookAgain(), LOOK);
  }

  /** Whether there is anything that the runner has not read for the service, but for what ends its script. */
  isUnread(service: ServiceId): boolean {
    return hasUnread(this.#control, '\n', asksFor(this.#nameOf(service)));
  }

  /** Takes it back. False if it has read all. */
  withdraw(service: ServiceId): boolean {
    if (this.#told.get(service)?.request.verb !== 'kill') this.#told.delete(service);
    return withdrawOrders(this.#control, '\n', asksFor(this.#nameOf(service)));
  }

  close(): void {
    this.#told.clear();
    this.#lookAgain();
  }

  /** For good: where anybody starts it again, it would be back. */
  #isRunnerGone(): boolean {
    const now = performance.now();
    if (now > this.#runner.lookedAt + LOOK) {
      const isThere = isRead(this.#control);
      const heardAt = isThere ? now : Math.min(this.#runner.heardAt, now);
      this.#runner = { lookedAt: now, heardAt };
    }
    return now > this.#runner.heardAt + PATIENCE;
  }

  #lookAgain(): void {
    for (const [service, told] of this.#told) {
      if (isAnswered(told, savedStatus(this.#directoryOf(service)))) this.#told.delete(service);
      else this.#say(service, told);
    }
    if (this.#told.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }

  #say(service: ServiceId, told: Told): void {
    const now = performance.now();
    if (this.#isInPlace() && writeFifo(this.#control, requestOf(told)) !== 'unread') told.heardAt = now;
    const isUnheard = now > told.heardAt + PATIENCE;
    if (isUnheard === told.isUnheard) return;
    told.isUnheard = isUnheard;
    this.#watch.notify(service);
  }
}

function requestOf({ request }: Told): Uint8Array {
  return Buffer.from(encodeRequest(request));
}

/** Of lines as bytes. */
function asksFor(name: string): (line: string) => boolean {
  return (line) => {
    const request = decodeRequest(Buffer.from(line, 'latin1').toString());
    return request?.name === name && request.verb !== 'kill';
  };
}

function isAnswered({ request }: Told, status: OneshotStatus): boolean {
  return request.verb === 'kill' ? status.running === null : hasTaken(status, request.id);
}
