/** What a step tells the supervisor of its service, and what it takes back: nothing is said twice that would count twice. */
import type { ServiceId } from '../model/database.ts';
import type { LongrunObservation, Observation } from '../model/observation.ts';
import type { ServiceRecord, Wanted } from '../model/record.ts';
import type { Action } from '../plan/plan.ts';
import { wasToldToStop } from './attempt.ts';
import type { UnreadOrder } from './outcome.ts';
import type { Supervisor } from './ports.ts';
import type { Move } from './step-table.ts';

export class Orders {
  readonly #supervisor: Supervisor;
  readonly #service: ServiceId;
  readonly #action: Action;

  constructor(supervisor: Supervisor, { service, action }: Move) {
    this.#supervisor = supervisor;
    this.#service = service;
    this.#action = action;
  }

  /** Tells what the step is there for. */
  begin(before: ServiceRecord, seen: Observation): void {
    switch (this.#action) {
      case 'up':
        this.#supervisor.start(this.#service);
        break;
      case 'down':
        this.stopUnlessTold(before, seen);
        break;
      case 'reload':
        this.#supervisor.reload(this.#service);
        break;
    }
  }

  stopUnlessTold(before: ServiceRecord, seen: Observation): void {
    if (!wasToldToStop(before, seen)) this.#supervisor.stop(this.#service);
  }

  /** A longrun whose supervisor seems not to have heard: saying it again does it no harm. */
  repeat(wanted: 'up' | 'down', { supervisorWants, state }: LongrunObservation): void {
    if (supervisorWants === wanted) return;
    // While it is finishing nobody can tell whether it was given up: to start it then would undo that.
    if (wanted === 'up' && state !== 'finishing') this.#supervisor.start(this.#service);
    if (wanted === 'down') this.#supervisor.stop(this.#service);
  }

  /** Ends the script that runs. */
  kill(): void {
    this.#supervisor.kill(this.#service);
  }

  stop(): void {
    this.#supervisor.stop(this.#service);
  }

  /**
   * Takes back what the supervisor has not read, so that it is not done some time after the step was given up. A start of
   * what is wanted is left to it: that is what it should do as soon as it goes on. Null if it has read everything.
   */
  takeBack(wanted: Wanted): UnreadOrder | null {
    if (this.#action === 'up' && wanted !== 'no') return this.#supervisor.isUnread(this.#service) ? 'left' : null;
    return this.#supervisor.withdraw(this.#service) ? 'withdrawn' : null;
  }
}
