/** Keeps what became of each step, for the outcome and for who listens. */
import type { ServiceId } from '../model/database.ts';
import type { Exit } from '../model/observation.ts';
import type { FailureCause } from '../model/record.ts';
import type { Action, Refusal } from '../plan/plan.ts';
import { emptyOutcome, type GrowingOutcome, type UnreadOrder } from './outcome.ts';
import type { EventSink, Remains } from './ports.ts';

/** How a step succeeded; `ready`: it came up, and told so itself. */
export type Success = 'up' | 'ready' | 'down' | 'reloaded';

export class OutcomeRecorder {
  readonly outcome: GrowingOutcome;

  constructor(
    private readonly events: EventSink,
    refused: readonly Refusal[],
  ) {
    this.outcome = emptyOutcome(refused);
  }

  begun(service: ServiceId, action: Action, timeout: number): void {
    const event = action === 'up' ? 'starting' : action === 'down' ? 'stopping' : 'reloading';
    this.events.emit({ event, service, timeout });
  }

  asks(service: ServiceId): void {
    this.events.emit({ event: 'asks', service });
  }

  /** `elapsed` in milliseconds. */
  succeeded(service: ServiceId, event: Success, elapsed: number): void {
    switch (event) {
      case 'up':
      case 'ready':
        this.outcome.up.push(service);
        break;
      case 'down':
        this.outcome.down.push(service);
        break;
      case 'reloaded':
        this.outcome.reloaded.push(service);
        break;
    }
    this.events.emit({ event, service, elapsed });
  }

  leftRunning(service: ServiceId, remains: readonly Remains[]): void {
    for (const process of remains) this.events.emit({ event: 'left-running', service, ...process });
  }

  failed(
    service: ServiceId,
    action: Action,
    how: {
      readonly cause: FailureCause;
      readonly exit: Exit | null;
      readonly elapsed: number;
      readonly alive: boolean;
      readonly unread?: UnreadOrder;
      readonly odd?: string;
    },
  ): void {
    this.outcome.failed.push({ service, action, ...how });
    this.events.emit({ event: 'failed', service, action, ...how });
  }

  died(service: ServiceId, exit: Exit | null): void {
    this.outcome.died.push({ service, exit });
    this.events.emit({ event: 'died', service, exit });
  }

  skipped(service: ServiceId, action: Action, because: ServiceId): void {
    this.outcome.skipped.push({ service, action, because });
    this.events.emit({ event: 'skipped', service, because });
  }

  overruled(service: ServiceId, action: Action, by: number): void {
    this.outcome.overruled.push({ service, action, by });
    this.events.emit({ event: 'overruled', service, by });
  }

  waiting(service: ServiceId, on: ServiceId, holder: string | null): void {
    this.events.emit({ event: 'waiting', service, on, holder });
  }
}
