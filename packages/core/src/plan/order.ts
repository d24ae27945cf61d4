/**
 * From moves to steps in an order that every dependency allows: stops first, dependents before what they need; then
 * starts and reloads, needs before dependents. Orders that are only soft (wants, after, before) may form circles
 * together with the others: then the one whose turn it is goes first, and does not wait for the rest of its circle.
 *
 * Steps-to-be are nodes with dense numbers, all stops before all starts before all reloads; a node's neighbours are rows
 * of flat arrays. `after` points to nodes that must have succeeded, `afterEnd` to those that must only have ended.
 * Nodes, services and places in rows are indices of the arrays that are looked into with them, which is what each `!` says.
 */
import { type Column, columnOf } from '../graph/column.ts';
import type { Edges } from '../graph/edges.ts';
import type { Database, ServiceId } from '../model/database.ts';
import { type Action, type Step, type StepIndex, stepIndex } from './plan.ts';

const NONE = -1;

/** Which services go which way, each with why. */
export interface Moves<Why> {
  readonly down?: ReadonlyMap<ServiceId, Why>;
  readonly up?: ReadonlyMap<ServiceId, Why>;
  readonly reload?: ReadonlyMap<ServiceId, Why>;
}

/** The nodes of one direction: by service, or `NONE`. */
type Numbers = Int32Array;

interface Nodes<Why> {
  readonly services: ServiceId[];
  readonly actions: Action[];
  readonly reasons: Why[];
  readonly down: Numbers;
  readonly up: Numbers;
  readonly reload: Numbers;
}

/** Pairs of nodes, collected in any order: `later[i]` follows `earlier[i]`. */
class Links {
  readonly earlier: number[] = [];
  readonly later: number[] = [];

  add(earlier: number, later: number): void {
    if (earlier === NONE) return;
    this.earlier.push(earlier);
    this.later.push(later);
  }

  /** For every service that `edges` lead to from `service`, its node in `numbers` comes before `later`. */
  addAll(edges: Edges<ServiceId>, service: ServiceId, numbers: Numbers, later: number): void {
    for (let at = edges.offsets[service]!; at < edges.offsets[service + 1]!; at++) {
      this.add(numbers[edges.targets[at]!]!, later);
    }
  }
}

export function orderSteps<Why>(database: Database, moves: Moves<Why>): Step<Why>[] {
  const nodes = nodesOf(database, moves);
  const { hard, soft } = linksOf(database, nodes);
  const count = nodes.services.length;
  const after = rows(hard.later, hard.earlier, count);
  const afterEnd = rows(soft.later, soft.earlier, count);
  const order = sequence(after, afterEnd, hard, soft, count, moves.down?.size ?? 0);
  return stepsIn(order, nodes, after, afterEnd);
}

function nodesOf<Why>(database: Database, moves: Moves<Why>): Nodes<Why> {
  const services: ServiceId[] = [];
  const actions: Action[] = [];
  const reasons: Why[] = [];
  const size = database.names.length;
  const number = (action: Action): Numbers => {
    const numbers = new Int32Array(size).fill(NONE);
    const reasonOf = moves[action] ?? new Map<ServiceId, Why>();
    for (const service of [...reasonOf.keys()].sort((a, b) => a - b)) {
      numbers[service] = services.length;
      services.push(service);
      actions.push(action);
      reasons.push(reasonOf.get(service)!);
    }
    return numbers;
  };
  const down = number('down');
  const up = number('up');
  const reload = number('reload');
  return { services, actions, reasons, down, up, reload };
}

function linksOf(database: Database, nodes: Nodes<unknown>): { readonly hard: Links; readonly soft: Links } {
  const { services, actions, down, up } = nodes;
  const hard = new Links();
  const soft = new Links();
  for (const [node, service] of services.entries()) {
    switch (actions[node]!) {
      case 'down':
        hard.addAll(database.neededBy, service, down, node);
        soft.addAll(database.wantedBy, service, down, node);
        soft.addAll(database.before, service, down, node);
        break;
      case 'up':
        hard.addAll(database.needs, service, up, node);
        hard.addAll(database.conflicts, service, down, node);
        soft.addAll(database.wants, service, up, node);
        soft.addAll(database.after, service, up, node);
        // A restart whose stop fails still ends with the service up, and with everything that waits for it.
        soft.add(down[service]!, node);
        break;
      case 'reload':
        hard.addAll(database.needs, service, up, node);
        break;
    }
  }
  return { hard, soft };
}

/** The pairs (`keys[i]`, `values[i]`) as one row of values for each key. */
function rows(keys: readonly number[], values: readonly number[], count: number): Edges {
  const offsets = new Uint32Array(count + 1);
  for (const key of keys) offsets[key + 1]!++;
  for (let key = 0; key < count; key++) offsets[key + 1]! += offsets[key]!;
  const next = offsets.slice(0, count);
  const targets = new Uint32Array(keys.length);
  for (let at = 0; at < keys.length; at++) targets[next[keys[at]!]!++] = values[at]!;
  return { offsets, targets };
}

/** The nodes in order: first those below `firstRise`, then the others; none of the former follows one of the latter. */
function sequence(after: Edges, afterEnd: Edges, hard: Links, soft: Links, count: number, firstRise: number): number[] {
  const nextHard = rows(hard.earlier, hard.later, count);
  const nextSoft = rows(soft.earlier, soft.later, count);
  const hardLeft = new Int32Array(count);
  const softLeft = new Int32Array(count);
  for (let node = 0; node < count; node++) {
    hardLeft[node] = after.offsets[node + 1]! - after.offsets[node]!;
    softLeft[node] = afterEnd.offsets[node + 1]! - afterEnd.offsets[node]!;
  }
  const taken = new Uint8Array(count);
  const order: number[] = [];
  for (const [from, to] of [
    [0, firstRise],
    [firstRise, count],
  ] as const) {
    const free: number[] = [];
    /** Nothing but soft orders holds them back; in the order in which that became so. */
    const held: number[] = [];
    const settle = (node: number) => {
      if (node < from || node >= to || hardLeft[node]! > 0) return;
      (softLeft[node] === 0 ? free : held).push(node);
    };
    const release = ({ offsets, targets }: Edges, node: number, left: Int32Array) => {
      for (let at = offsets[node]!; at < offsets[node + 1]!; at++) {
        const next = targets[at]!;
        if (--left[next]! === 0) settle(next);
      }
    };
    for (let node = from; node < to; node++) settle(node);
    for (let nextFree = 0, nextHeld = 0; nextFree < free.length || nextHeld < held.length; ) {
      const node = nextFree < free.length ? free[nextFree++]! : held[nextHeld++]!;
      if (taken[node] === 1) continue;
      taken[node] = 1;
      order.push(node);
      release(nextHard, node, hardLeft);
      release(nextSoft, node, softLeft);
    }
  }
  return order;
}

function stepsIn<Why>(order: readonly number[], nodes: Nodes<Why>, after: Edges, afterEnd: Edges): Step<Why>[] {
  const steps: Step<Why>[] = [];
  const stepOf = columnOf<StepIndex | typeof NONE, Int32Array>(new Int32Array(order.length).fill(NONE));
  for (const node of order) {
    steps.push({
      service: nodes.services[node]!,
      action: nodes.actions[node]!,
      reason: nodes.reasons[node]!,
      after: stepsOf(after, node, stepOf),
      afterEnd: [...new Set(stepsOf(afterEnd, node, stepOf))],
    });
    stepOf[node] = stepIndex(steps.length - 1);
  }
  return steps;
}

const NO_STEPS: readonly StepIndex[] = [];

/** Without those that come later: it does not wait for the rest of its circle. */
function stepsOf(
  { offsets, targets }: Edges,
  node: number,
  stepOf: Column<StepIndex | typeof NONE, Int32Array>,
): readonly StepIndex[] {
  if (offsets[node] === offsets[node + 1]) return NO_STEPS;
  const steps: StepIndex[] = [];
  for (let at = offsets[node]!; at < offsets[node + 1]!; at++) {
    const step = stepOf[targets[at]!]!;
    if (step !== NONE) steps.push(step);
  }
  return steps;
}
