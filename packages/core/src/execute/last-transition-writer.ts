/** What a step writes about its transition into the record of its service: that it began, and how it ended. */
import type { Condition } from '../model/condition.ts';
import { contentHashOf } from '../model/content-hash.ts';
import type { Database, ServiceId } from '../model/database.ts';
import type { Exit } from '../model/observation.ts';
import type { FailureCause, LastTransition, ServiceRecord } from '../model/record.ts';
import type { Action } from '../plan/plan.ts';
import type { Ports } from './ports.ts';
import type { Move } from './step-table.ts';

/** What a caller says of a transition; the rest follows. */
type Account = Pick<LastTransition, 'transition' | 'phase' | 'began' | 'contentHash'> & Partial<LastTransition>;

/** Writes only under the lease of its step. A reload is no transition: nothing is written about it. */
export class LastTransitionWriter {
  /** A transition of a oneshot of which nobody knows whether its script ever ran: if this one fails, it still is so. */
  #unfinished: LastTransition | undefined;
  /** Milliseconds since the epoch: the transition began; before it does, its step. */
  #began: number;
  /** The same moment, by the clock that nobody sets. */
  #start: number;
  readonly #database: Database;
  readonly #ports: Pick<Ports, 'records' | 'clock'>;
  readonly #service: ServiceId;
  readonly #action: Action;

  constructor(database: Database, ports: Pick<Ports, 'records' | 'clock'>, { service, action }: Move) {
    this.#database = database;
    this.#ports = ports;
    this.#service = service;
    this.#action = action;
    this.#began = ports.clock.now();
    this.#start = ports.clock.monotonic();
  }

  /** Milliseconds since the transition began. */
  get elapsed(): number {
    return this.#ports.clock.monotonic() - this.#start;
  }

  /** The service is as it should be without this change: then what was done last must not say otherwise. */
  confirm(record: ServiceRecord, condition: Condition): void {
    if (condition === 'between' || (record.transition === condition && record.phase === 'done')) return;
    if (condition === 'down' && record.transition === 'none') return;
    const contentHash = record.transition === condition ? record.contentHash : this.#contentHash(record);
    this.#write({ transition: condition, phase: 'done', began: record.began, contentHash });
  }

  /** `isUnfinished`: nobody knows how the transition before this one ended. */
  begin(before: ServiceRecord, isUnfinished: boolean): void {
    if (isUnfinished) this.#unfinished = before;
    this.#began = this.#ports.clock.now();
    this.#start = this.#ports.clock.monotonic();
    if (this.#action === 'reload') return;
    const cause = this.#unfinished === undefined ? 'none' : 'unfinished';
    const contentHash = this.#contentHash(before);
    this.#write({ transition: this.#action, phase: 'begun', cause, began: this.#began, contentHash });
  }

  /** It has not begun after all. */
  withdraw(before: ServiceRecord): void {
    this.#write(before);
  }

  succeed(): void {
    if (this.#action === 'reload') return;
    const { contentHash } = this.#ports.records.read(this.#service);
    this.#write({ transition: this.#action, phase: 'done', began: this.#began, contentHash });
  }

  fail(cause: FailureCause, exit: Exit | null): void {
    if (this.#action === 'reload') return;
    if (this.#unfinished !== undefined) {
      this.#write(this.#unfinished);
      return;
    }
    const { contentHash } = this.#ports.records.read(this.#service);
    this.#write({ transition: this.#action, phase: 'failed', cause, exit, began: this.#began, contentHash });
  }

  /** Of what runs once the step is done. */
  #contentHash(record: LastTransition): Uint8Array {
    return this.#action === 'up' ? contentHashOf(this.#database, this.#service).slice() : record.contentHash;
  }

  #write(account: Account): void {
    const { transition, phase, cause = 'none', exit = null, began, contentHash } = account;
    const ended = account.ended ?? (phase === 'begun' ? 0 : this.#ports.clock.now());
    this.#ports.records.write(this.#service, { transition, phase, cause, exit, began, ended, contentHash });
  }
}
