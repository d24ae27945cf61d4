/**
 * The steps of a change while they are carried out: the plan's, and those that are added when the world has moved.
 * Indices are dense; successors are linked lists in flat arrays, so that adding a step or an order is cheap.
 */
import { invariant } from '../invariant.ts';
import { type ServiceId, serviceId } from '../model/database.ts';
import { type Action, type Plan, type StepIndex, stepIndex } from '../plan/plan.ts';

export type StepState =
  /** Predecessors have not ended. */
  | 'waiting'
  /** May begin. */
  | 'queued'
  /** Somebody else holds a lock that it needs. */
  | 'contended'
  /** Holds its lease: something older must end first; the transition is on its way; a failed one is cleaned up. */
  | 'clearing'
  | 'moving'
  | 'settling'
  | 'done'
  /** Failed, skipped, refused, overruled or left. */
  | 'missed';

/** What the end of one step means for others. */
interface Consequences {
  /** All its predecessors have ended. */
  freed(step: StepIndex): void;
  /** One that had to succeed did not. */
  skipped(step: StepIndex): void;
}

/** In place of a service: a step that only stands between others. */
export const GATE = serviceId(-1);

const NONE = -1;

export class StepTable {
  readonly services: ServiceId[] = [];
  readonly actions: Action[] = [];
  readonly states: StepState[] = [];
  /** How many predecessors have not ended. */
  readonly pending: number[] = [];
  /** How often the step found the world other than its plan. */
  readonly repairs: number[] = [];
  /** Of a missed step: the service with which it began. */
  readonly because: ServiceId[] = [];
  /** Steps that have not ended. */
  open = 0;
  private readonly firstEdge: number[] = [];
  private readonly edgeTo: StepIndex[] = [];
  private readonly edgeHard: boolean[] = [];
  private readonly nextEdge: number[] = [];
  private readonly latest = new Map<number, StepIndex>();

  add(service: ServiceId, action: Action): StepIndex {
    const step = stepIndex(this.services.length);
    this.services.push(service);
    this.actions.push(action);
    this.states.push('waiting');
    this.pending.push(0);
    this.repairs.push(0);
    this.because.push(service);
    this.firstEdge.push(NONE);
    this.open++;
    if (service !== GATE) this.latest.set(key(service, action), step);
    return step;
  }

  /** The last step that was added for a service and action, if it has not ended. */
  openStep(service: ServiceId, action: Action): StepIndex | undefined {
    const step = this.latest.get(key(service, action));
    return step === undefined || this.hasEnded(step) ? undefined : step;
  }

  /** The last step that was added for a service and action, if it missed. */
  missedStep(service: ServiceId, action: Action): StepIndex | undefined {
    const step = this.latest.get(key(service, action));
    return step !== undefined && this.states[step] === 'missed' ? step : undefined;
  }

  /** It holds its lease. */
  isUnderWay(step: StepIndex): boolean {
    const state = this.states[step]!;
    return state === 'clearing' || state === 'moving' || state === 'settling';
  }

  hasEnded(step: StepIndex): boolean {
    const state = this.states[step]!;
    return state === 'done' || state === 'missed';
  }

  close(step: StepIndex, end: 'done' | 'missed'): void {
    invariant(!this.hasEnded(step), () => `step ${step} is ${this.states[step]}, and ends once more as ${end}`);
    this.states[step] = end;
    this.open--;
  }

  /** Ends a step, and with it those that can no longer happen. */
  conclude(first: StepIndex, end: 'done' | 'missed', { freed, skipped }: Consequences): void {
    this.close(first, end);
    const concluded = [first];
    for (const step of concluded) {
      this.successors(step, (successor, hard) => {
        if (this.hasEnded(successor)) return;
        this.pending[successor]!--;
        if (hard && this.states[step] === 'missed') {
          this.because[successor] = this.because[step]!;
          this.close(successor, 'missed');
          concluded.push(successor);
          skipped(successor);
        } else if (this.pending[successor] === 0) freed(successor);
      });
    }
  }

  /** `later` begins after `earlier` succeeded. */
  orderAfterSuccess(earlier: StepIndex, later: StepIndex): void {
    this.link(earlier, later, true);
  }

  /** `later` begins after `earlier` ended, whichever way. */
  orderAfterEnd(earlier: StepIndex, later: StepIndex): void {
    this.link(earlier, later, false);
  }

  private link(earlier: StepIndex, later: StepIndex, hard: boolean): void {
    const edge = this.edgeTo.length;
    this.edgeTo.push(later);
    this.edgeHard.push(hard);
    this.nextEdge.push(this.firstEdge[earlier]!);
    this.firstEdge[earlier] = edge;
    this.pending[later]!++;
  }

  /** Every step that there is so far. */
  every(): StepIndex[] {
    return this.services.map((_, index) => stepIndex(index));
  }

  /** Calls `visit` for every successor of a step. */
  successors(step: StepIndex, visit: (successor: StepIndex, hard: boolean) => void): void {
    for (let edge = this.firstEdge[step]!; edge !== NONE; edge = this.nextEdge[edge]!) {
      visit(this.edgeTo[edge]!, this.edgeHard[edge]!);
    }
  }

  /** Whether the end of `step` is, directly or not, waited for by `other`. */
  isAwaitedBy(step: StepIndex, other: StepIndex): boolean {
    const seen = new Set([step]);
    for (const next of seen) {
      if (next === other) return true;
      this.successors(next, (successor) => seen.add(successor));
    }
    return false;
  }
}

/** The steps of `plan`, and a gate between its stops and its starts if it wants all of the former first. */
export function tableOf({ steps, stopsFirst }: Plan): StepTable {
  const table = new StepTable();
  for (const { service, action } of steps) table.add(service, action);
  const gate = stopsFirst && steps.some(({ action }) => action === 'down') ? table.add(GATE, 'up') : undefined;
  for (let at = steps.length - 1; at >= 0; at--) {
    const index = stepIndex(at);
    const step = steps[index]!;
    for (const earlier of step.after) table.orderAfterSuccess(earlier, index);
    for (const earlier of step.afterEnd) table.orderAfterEnd(earlier, index);
    if (gate === undefined) continue;
    if (step.action === 'down') table.orderAfterEnd(index, gate);
    else table.orderAfterSuccess(gate, index);
  }
  return table;
}

function key(service: ServiceId, action: Action): number {
  return service * 4 + (action === 'up' ? 0 : action === 'down' ? 1 : 2);
}
