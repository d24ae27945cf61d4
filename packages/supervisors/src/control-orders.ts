/** Letters into the FIFO `supervise/control`, which s6-supervise and runsv read alike: `u` and `d` for up and down, others for signals. */
import type { ServiceId } from '@muster/core/model/database';
import { unreadIn, writeFifo } from '@muster/posix/fifo';
import { hasUnread, withdrawOrders } from '@muster/posix/unread-orders';
import { CONTROL_FIFO } from '@muster/store/live/service-files';

export class ControlOrders {
  readonly #directoryOf: (service: ServiceId) => string;
  /** Told to be left down, and nothing else since. */
  readonly #toldDown = new Set<ServiceId>();

  /** `directoryOf` gives a service's own directory, which holds `supervise/`. */
  constructor(directoryOf: (service: ServiceId) => string) {
    this.#directoryOf = directoryOf;
  }

  fifoOf(service: ServiceId): string {
    return `${this.#directoryOf(service)}/${CONTROL_FIFO}`;
  }

  keepUp(service: ServiceId): void {
    this.#toldDown.delete(service);
    this.send(service, 'u');
  }

  leaveDown(service: ServiceId): void {
    // A supervisor that has not read the order yet would carry it out twice.
    if (this.#toldDown.has(service) && unreadIn(this.fifoOf(service)) > 0) return;
    this.#toldDown.add(service);
    this.send(service, 'd');
  }

  send(service: ServiceId, letter: string): void {
    writeFifo(this.fifoOf(service), Buffer.from(letter));
  }

  /** Whether the supervisor has orders about up and down still to read. */
  isUnread(service: ServiceId): boolean {
    return hasUnread(this.fifoOf(service), '', isState);
  }

  /** Takes such orders back; false if there are none. Signals stay, whoever sent them. */
  withdraw(service: ServiceId): boolean {
    return withdrawOrders(this.fifoOf(service), '', isState);
  }
}

/** A letter that says whether to be up or down. */
function isState(letter: string): boolean {
  return letter === 'u' || letter === 'd';
}
