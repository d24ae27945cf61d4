/**
 * From a draft to steps in an order that every dependency allows: stops first, dependents before what they need; then
 * starts and reloads, needs before dependents. Orders that are only soft (wants, after, before) may form circles
 * together with the others: then the one whose turn it is goes first, and does not wait for the rest of its circle.
 */
import { targetsOf } from '../graph/edges.ts';
import type { Database, ServiceId } from '../model/database.ts';
import type { Draft } from './draft.ts';
import type { Action, Reason, Step } from './plan.ts';

interface Node {
  readonly service: ServiceId;
  readonly action: Action;
  readonly reason: Reason;
  /** Indices of nodes: hard and soft predecessors. */
  readonly after: number[];
  readonly afterEnd: number[];
  /** Successors: an index if hard, its complement if soft. */
  readonly next: number[];
  hard: number;
  soft: number;
  /** Index of its step, -1 until it has one. */
  step: number;
}

interface Nodes {
  readonly all: Node[];
  readonly down: ReadonlyMap<ServiceId, number>;
  readonly up: ReadonlyMap<ServiceId, number>;
  readonly reload: ReadonlyMap<ServiceId, number>;
}

export function orderSteps(database: Database, draft: Draft): Step[] {
  const nodes = nodesOf(draft);
  for (const index of nodes.down.values()) linkDown(database, nodes, index);
  for (const index of nodes.up.values()) linkUp(database, nodes, index);
  for (const index of nodes.reload.values()) linkReload(database, nodes, index);
  const steps: Step[] = [];
  const firstRise = nodes.down.size;
  emit(nodes.all, 0, firstRise, steps);
  emit(nodes.all, firstRise, nodes.all.length, steps);
  return steps;
}

function nodesOf(draft: Draft): Nodes {
  const all: Node[] = [];
  const add = (services: ReadonlyMap<ServiceId, Reason>, action: Action) => {
    const index = new Map<ServiceId, number>();
    for (const [service, reason] of [...services].sort(([a], [b]) => a - b)) {
      index.set(service, all.length);
      all.push({ service, action, reason, after: [], afterEnd: [], next: [], hard: 0, soft: 0, step: -1 });
    }
    return index;
  };
  const down = add(draft.down, 'down');
  const up = add(draft.up, 'up');
  const reload = add(draft.reload, 'reload');
  return { all, down, up, reload };
}

function linkDown(database: Database, { all, down }: Nodes, index: number): void {
  const { service } = all[index]!;
  for (const dependent of targetsOf(database.neededBy, service)) hard(all, down.get(dependent), index);
  for (const wanter of targetsOf(database.wantedBy, service)) soft(all, down.get(wanter), index);
  for (const later of targetsOf(database.before, service)) soft(all, down.get(later), index);
}

function linkUp(database: Database, { all, down, up }: Nodes, index: number): void {
  const { service } = all[index]!;
  // A restart whose stop fails still ends with the service up, and with everything that waits for it.
  soft(all, down.get(service), index);
  for (const need of targetsOf(database.needs, service)) hard(all, up.get(need), index);
  for (const rival of targetsOf(database.conflicts, service)) hard(all, down.get(rival), index);
  for (const wanted of targetsOf(database.wants, service)) soft(all, up.get(wanted), index);
  for (const earlier of targetsOf(database.after, service)) soft(all, up.get(earlier), index);
}

function linkReload(database: Database, { all, up }: Nodes, index: number): void {
  for (const need of targetsOf(database.needs, all[index]!.service)) hard(all, up.get(need), index);
}

function hard(all: Node[], before: number | undefined, index: number): void {
  if (before === undefined) return;
  all[index]!.after.push(before);
  all[index]!.hard++;
  all[before]!.next.push(index);
}

function soft(all: Node[], before: number | undefined, index: number): void {
  if (before === undefined || all[index]!.after.includes(before)) return;
  all[index]!.afterEnd.push(before);
  all[index]!.soft++;
  all[before]!.next.push(~index);
}

/** Kahn's algorithm over the nodes `from` … `to` - 1, all of whose predecessors are among them or have steps already. */
function emit(all: Node[], from: number, to: number, steps: Step[]): void {
  const free: number[] = [];
  /** Nothing but soft orders holds them back; in the order in which that became so. */
  const held: number[] = [];
  const settle = (index: number) => {
    const node = all[index]!;
    if (node.hard > 0 || node.step !== -1) return;
    (node.soft === 0 ? free : held).push(index);
  };
  for (let index = from; index < to; index++) settle(index);
  let nextFree = 0;
  let nextHeld = 0;
  while (nextFree < free.length || nextHeld < held.length) {
    const index = nextFree < free.length ? free[nextFree++]! : held[nextHeld++]!;
    const node = all[index]!;
    if (node.step !== -1) continue;
    node.step = steps.length;
    steps.push(stepOf(all, node));
    for (const link of node.next) {
      const next = link >= 0 ? link : ~link;
      if (link >= 0) all[next]!.hard--;
      else all[next]!.soft--;
      if (next >= from && next < to) settle(next);
    }
  }
}

function stepOf(all: readonly Node[], { service, action, reason, after, afterEnd }: Node): Step {
  return {
    service,
    action,
    reason,
    after: after.map((index) => all[index]!.step),
    afterEnd: [...new Set(afterEnd.map((index) => all[index]!.step))].filter((step) => step !== -1),
  };
}
