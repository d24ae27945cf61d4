/**
 * The steps of a change while they are carried out: the plan's, and those that are added when the world has moved; the
 * state of each, which nobody else writes. Indices are dense.
 */
import { invariant, present } from '../invariant.ts';
import type { ServiceId } from '../model/database.ts';
import { type Action, type Plan, type Step, type StepIndex, stepIndex } from '../plan/plan.ts';
import { type Ended, hasEnded, mayFollow, type StepState } from './step-state.ts';
import { Successors } from './successors.ts';

/** Which service goes which way. */
export type Move = Pick<Step, 'service' | 'action'>;

/** States that a step enters by what happens to itself; how it waits and ends has to do with others, too. */
type Alone = Exclude<StepState, Ended | { kind: 'waiting' }>;

/** What the end of one step means for others. */
interface Consequences {
  /** All its predecessors have ended. */
  freed(step: StepIndex): void;
  /** One that had to succeed did not, which began with the service `because`. */
  skipped(step: StepIndex, because: ServiceId): void;
}

export class StepTable {
  /** Null means a gate, which only stands between other steps. */
  readonly #moves: (Move | null)[] = [];
  readonly #states: StepState[] = [];
  /** How often each found the world other than its plan. */
  readonly #repairs: number[] = [];
  readonly #successors = new Successors();
  /** The last step that was added for each service and action. */
  readonly #latest = new Map<number, StepIndex>();
  #open = 0;

  /** Steps that have not ended. */
  get open(): number {
    return this.#open;
  }

  /** Every step that there is so far. */
  every(): StepIndex[] {
    return this.#moves.map((_, index) => stepIndex(index));
  }

  add(move: Move): StepIndex {
    const step = this.#add(move);
    this.#latest.set(key(move), step);
    return step;
  }

  addGate(): StepIndex {
    return this.#add(null);
  }

  #add(move: Move | null): StepIndex {
    const step = stepIndex(this.#moves.length);
    this.#moves.push(move);
    this.#states.push({ kind: 'waiting', predecessors: 0 });
    this.#repairs.push(0);
    this.#successors.grow();
    this.#open++;
    return step;
  }

  isGate(step: StepIndex): boolean {
    return this.#at(this.#moves, step) === null;
  }

  /** Of a step that is no gate. */
  moveOf(step: StepIndex): Move {
    const move = this.#at(this.#moves, step);
    invariant(move !== null, () => `${this.#shown(step)} moves no service`);
    return move;
  }

  stateOf(step: StepIndex): StepState {
    return this.#at(this.#states, step);
  }

  /** The last step that was added for a service and action, if it has not ended. */
  openStep(move: Move): StepIndex | undefined {
    const step = this.#latest.get(key(move));
    return step === undefined || this.hasEnded(step) ? undefined : step;
  }

  /** With what the last step began that was added for a service and action, if it ended without success. */
  causeOfMiss(move: Move): ServiceId | undefined {
    const step = this.#latest.get(key(move));
    if (step === undefined) return undefined;
    const state = this.stateOf(step);
    return state.kind === 'missed' ? state.because : state.kind === 'left' ? move.service : undefined;
  }

  /** It holds its lease. */
  isUnderWay(step: StepIndex): boolean {
    const { kind } = this.stateOf(step);
    return kind === 'clearing' || kind === 'steadying' || kind === 'moving' || kind === 'settling';
  }

  /** It waits for no other step any more. */
  isFree(step: StepIndex): boolean {
    const state = this.stateOf(step);
    return state.kind === 'waiting' && state.predecessors === 0;
  }

  hasEnded(step: StepIndex): boolean {
    return hasEnded(this.stateOf(step));
  }

  enter(step: StepIndex, state: Alone): void {
    this.#change(step, state);
  }

  /** It has to wait: what it waits for is said next. */
  postpone(step: StepIndex): void {
    if (this.stateOf(step).kind !== 'waiting') this.#change(step, { kind: 'waiting', predecessors: 0 });
  }

  /** Counts how often the world was found other than planned, this time included. */
  countRepair(step: StepIndex): number {
    const count = this.#at(this.#repairs, step) + 1;
    this.#repairs[step] = count;
    return count;
  }

  /** It will not begin, and nor will anything after it: the change ends. */
  leave(step: StepIndex): void {
    this.#end(step, { kind: 'left' });
  }

  /** Of all steps that wait for a lock of somebody else's. Nothing more is done: their states stay what they are. */
  closeWatches(): void {
    for (const state of this.#states) if (state.kind === 'contended') state.watch.close();
  }

  /** Ends a step, and with it those that can no longer happen. */
  conclude(first: StepIndex, end: Ended, { freed, skipped }: Consequences): void {
    this.#end(first, end);
    const concluded = [first];
    for (const step of concluded) {
      const state = this.stateOf(step);
      this.#successors.each(step, (successor, hard) => {
        if (this.hasEnded(successor)) return;
        const predecessors = this.#countDown(successor);
        if (hard && state.kind === 'missed') {
          this.#end(successor, state);
          concluded.push(successor);
          skipped(successor, state.because);
        } else if (predecessors === 0) freed(successor);
      });
    }
  }

  /** `later` begins after `earlier` succeeded. */
  orderAfterSuccess(earlier: StepIndex, later: StepIndex): void {
    this.#link(earlier, later, true);
  }

  /** `later` begins after `earlier` ended, whichever way. */
  orderAfterEnd(earlier: StepIndex, later: StepIndex): void {
    this.#link(earlier, later, false);
  }

  /** Whether the end of `step` is, directly or not, waited for by `other`. */
  isAwaitedBy(step: StepIndex, other: StepIndex): boolean {
    return this.#successors.isAwaitedBy(step, other);
  }

  #link(earlier: StepIndex, later: StepIndex, hard: boolean): void {
    invariant(!this.hasEnded(earlier), () => `step ${later} is to wait for ${this.#shown(earlier)}`);
    const state = this.#waiting(later);
    this.#successors.add(earlier, later, hard);
    this.#change(later, { kind: 'waiting', predecessors: state.predecessors + 1 });
  }

  /** One of its predecessors has ended. Returns how many have not. */
  #countDown(step: StepIndex): number {
    const predecessors = this.#waiting(step).predecessors - 1;
    invariant(predecessors >= 0, () => `more steps have ended before ${this.#shown(step)} than it waits for`);
    this.#change(step, { kind: 'waiting', predecessors });
    return predecessors;
  }

  #waiting(step: StepIndex): Extract<StepState, { kind: 'waiting' }> {
    const state = this.stateOf(step);
    invariant(state.kind === 'waiting', () => `${this.#shown(step)} does not wait for others`);
    return state;
  }

  #end(step: StepIndex, end: Ended): void {
    this.#change(step, end);
    this.#open--;
  }

  #change(step: StepIndex, to: StepState): void {
    const from = this.stateOf(step);
    invariant(mayFollow(from.kind, to.kind), () => `${this.#shown(step)} cannot be ${to.kind} next`);
    if (from.kind === 'waiting' && to.kind === 'queued')
      invariant(from.predecessors === 0, () => `${this.#shown(step)} is to begin before what it waits for`);
    if (from.kind === 'contended') from.watch.close();
    this.#states[step] = to;
  }

  #at<T>(column: readonly T[], index: StepIndex): T {
    return present(column[index], 'a step is of the table that numbered it');
  }

  #shown(step: StepIndex): string {
    const move = this.#at(this.#moves, step);
    const what = move === null ? 'a gate' : `${move.action} of service ${move.service}`;
    return `step ${step} (${what}), which is ${JSON.stringify(this.#states[step])},`;
  }
}

/** The steps of `plan`, and a gate between its stops and its starts if it wants all of the former first. */
export function tableOf({ steps, stopsFirst }: Plan<unknown>): StepTable {
  const table = new StepTable();
  for (const { service, action } of steps) table.add({ service, action });
  const gate = stopsFirst && steps.some(({ action }) => action === 'down') ? table.addGate() : undefined;
  for (const [at, step] of [...steps.entries()].reverse()) {
    const index = stepIndex(at);
    for (const earlier of step.after) table.orderAfterSuccess(earlier, index);
    for (const earlier of step.afterEnd) table.orderAfterEnd(earlier, index);
    if (gate === undefined) continue;
    if (step.action === 'down') table.orderAfterEnd(index, gate);
    else table.orderAfterSuccess(gate, index);
  }
  return table;
}

const CODES: Readonly<Record<Action, number>> = { up: 0, down: 1, reload: 2 };

function key({ service, action }: Move): number {
  return service * 4 + CODES[action];
}
