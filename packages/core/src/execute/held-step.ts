/** A step that holds its lease, with all that its run works with, whether it goes well (step-run.ts) or not (failing.ts). */
import { type Database, hasFlag, ONESHOT, type ServiceId } from '../model/database.ts';
import type { Observation } from '../model/observation.ts';
import type { ServiceRecord } from '../model/record.ts';
import type { StepIndex } from '../plan/plan.ts';
import { LastTransitionWriter } from './last-transition-writer.ts';
import { Orders } from './orders.ts';
import type { OutcomeRecorder } from './outcome-recorder.ts';
import type { Alarm, Lease, Ports } from './ports.ts';
import type { Ended, StepState } from './step-state.ts';
import type { Move, StepTable } from './step-table.ts';

/** What of the executor the run of a step works on. */
export interface StepContext {
  readonly database: Database;
  readonly ports: Ports;
  readonly table: StepTable;
  readonly recorder: OutcomeRecorder;
  /** Services that this change wants down. */
  readonly unwanted: ReadonlySet<ServiceId>;
  act(work: () => void): void;
  /** The step has ended, and so has its lease. */
  finish(step: StepIndex, end: Ended): void;
}

export class HeldStep {
  readonly context: StepContext;
  readonly step: StepIndex;
  readonly move: Move;
  readonly service: ServiceId;
  readonly isOneshot: boolean;
  readonly written: LastTransitionWriter;
  readonly orders: Orders;
  readonly #lease: Lease;
  #alarm: Alarm | undefined;

  constructor(context: StepContext, step: StepIndex, move: Move, lease: Lease) {
    this.context = context;
    this.step = step;
    this.move = move;
    this.service = move.service;
    this.isOneshot = context.database.kinds[move.service] === ONESHOT;
    this.written = new LastTransitionWriter(context.database, context.ports, move);
    this.orders = new Orders(context.ports.supervisor, move);
    this.#lease = lease;
  }

  get state(): StepState {
    return this.context.table.stateOf(this.step);
  }

  read(): ServiceRecord {
    return this.context.ports.records.read(this.service);
  }

  observe(): Observation {
    return this.context.ports.supervisor.observe(this.service);
  }

  mayAsk(): boolean {
    return this.isOneshot && hasFlag(this.context.database, this.service, 'console');
  }

  /** Somebody has wished the opposite since. */
  isContrary({ wanted }: ServiceRecord): boolean {
    switch (this.move.action) {
      case 'up':
        return wanted === 'no';
      case 'down':
        return wanted !== 'no' && this.context.unwanted.has(this.service);
      case 'reload':
        return false;
    }
  }

  /** Milliseconds; 0 means no limit. A limit that is set already stays. */
  limit(timeout: number, expire: () => void): void {
    if (timeout === 0 || this.#alarm !== undefined) return;
    this.#alarm = this.context.ports.clock.after(timeout, () => {
      this.#alarm = undefined;
      this.context.act(expire);
    });
  }

  dropLimit(): void {
    this.#alarm?.cancel();
    this.#alarm = undefined;
  }

  release(): void {
    this.dropLimit();
    this.#lease.release();
  }

  finish(end: Ended): void {
    this.release();
    this.context.finish(this.step, end);
  }

  miss(): void {
    this.finish({ kind: 'missed', because: this.service });
  }
}
