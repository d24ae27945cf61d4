/** Keeps what becomes of each step, for the outcome and for who listens. Nobody else writes the outcome. */
import type { ServiceId } from '../model/database.ts';
import type { Exit } from '../model/observation.ts';
import type { Refusal } from '../plan/plan.ts';
import { emptyOutcome, type Failure, type GrowingOutcome, type Outcome } from './outcome.ts';
import type { Contention, EventSink, Remains } from './ports.ts';
import type { Move } from './step-table.ts';

/** How a step succeeded; `ready`: it came up, and told so itself. */
export type Success = 'up' | 'ready' | 'down' | 'reloaded';

export class OutcomeRecorder {
  readonly #events: EventSink;
  readonly #outcome: GrowingOutcome;

  constructor(events: EventSink, refused: readonly Refusal[]) {
    this.#events = events;
    this.#outcome = emptyOutcome(refused);
  }

  get outcome(): Outcome {
    return this.#outcome;
  }

  /** `timeout` in milliseconds; 0 means none. */
  begun({ service, action }: Move, timeout: number): void {
    const event = action === 'up' ? 'starting' : action === 'down' ? 'stopping' : 'reloading';
    this.#events.emit({ event, service, timeout });
  }

  asks(service: ServiceId): void {
    this.#events.emit({ event: 'asks', service });
  }

  /** `elapsed` in milliseconds. */
  succeeded(service: ServiceId, event: Success, elapsed: number): void {
    switch (event) {
      case 'up':
      case 'ready':
        this.#outcome.up.push(service);
        break;
      case 'down':
        this.#outcome.down.push(service);
        break;
      case 'reloaded':
        this.#outcome.reloaded.push(service);
        break;
    }
    this.#events.emit({ event, service, elapsed });
  }

  leftRunning(service: ServiceId, remains: readonly Remains[]): void {
    for (const process of remains) this.#events.emit({ event: 'left-running', service, ...process });
  }

  failed(failure: Failure): void {
    this.#outcome.failed.push(failure);
    this.#events.emit({ event: 'failed', ...failure });
  }

  died(service: ServiceId, exit: Exit | null): void {
    this.#outcome.died.push({ service, exit });
    this.#events.emit({ event: 'died', service, exit });
  }

  skipped({ service, action }: Move, because: ServiceId): void {
    this.#outcome.skipped.push({ service, action, because });
    this.#events.emit({ event: 'skipped', service, because });
  }

  overruled({ service, action }: Move, by: number): void {
    this.#outcome.overruled.push({ service, action, by });
    this.#events.emit({ event: 'overruled', service, by });
  }

  refused(refusal: Refusal): void {
    this.#outcome.refused.push(refusal);
  }

  waiting(service: ServiceId, { service: on, holder }: Contention): void {
    this.#events.emit({ event: 'waiting', service, on, holder });
  }

  /** A lock that is held ends the change. The first one counts. */
  blocked(service: ServiceId, { service: on, holder, deadlock }: Contention): void {
    this.#outcome.blocked ??= { why: deadlock ? 'deadlock' : 'busy', service, on, holder };
  }

  /** `contention`: what it had been waiting for until the end. */
  left({ service, action }: Move, contention: Contention | null): void {
    if (contention !== null) this.#outcome.awaited.push({ service, on: contention.service, holder: contention.holder });
    this.#outcome.left.push({ service, action });
  }

  ended(end: Exclude<Outcome['end'], 'finished'>): void {
    this.#outcome.end = end;
  }
}
