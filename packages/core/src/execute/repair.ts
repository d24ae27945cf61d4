/**
 * When a step finds under its lease that the world is not as planned (a need went down, a dependent came up), what must
 * happen first is added before it. Only the nearest services are: their own steps will find what they lack themselves.
 */
import { targetsOf } from '../graph/edges.ts';
import { type Condition, conditionUnderLease } from '../model/condition.ts';
import { type Database, hasFlag, onRestartOf, type ServiceId } from '../model/database.ts';
import { unstableBelow } from '../model/stability.ts';
import type { StepIndex } from '../plan/plan.ts';
import { failure, type Result, success } from '../result.ts';
import type { OutcomeRecorder } from './outcome-recorder.ts';
import type { Ports } from './ports.ts';
import type { Ended } from './step-state.ts';
import type { Move, StepTable } from './step-table.ts';

/** What of the executor a repair works on. */
export interface RepairContext {
  readonly database: Database;
  readonly ports: Ports;
  readonly table: StepTable;
  readonly recorder: OutcomeRecorder;
  readonly forced: boolean;
  readonly unwanted: Set<ServiceId>;
  watch(services: readonly ServiceId[]): void;
  enqueue(step: StepIndex): void;
  end(step: StepIndex, end: Ended): void;
}

/** A service that must have gone through `action` before a step may move. */
export interface Obstacle {
  readonly service: ServiceId;
  readonly action: 'up' | 'down';
}

/** A world that moves back each time would keep a step for ever. */
const MOST_REPAIRS = 3;

export function obstaclesTo(
  context: Pick<RepairContext, 'database' | 'ports' | 'table'>,
  { service, action }: Move,
): readonly Obstacle[] {
  const { database } = context;
  const obstacles: Obstacle[] = [];
  switch (action) {
    case 'up':
      for (const need of targetsOf(database.needs, service)) {
        if (!canBeCountedOn(context, need)) obstacles.push({ service: need, action: 'up' });
      }
      for (const rival of targetsOf(database.conflicts, service)) {
        if (conditionNow(context, rival) !== 'down') obstacles.push({ service: rival, action: 'down' });
      }
      break;
    case 'down':
      for (const dependent of targetsOf(database.neededBy, service)) {
        if (conditionNow(context, dependent) !== 'down' && !outlives(context, dependent, service)) {
          obstacles.push({ service: dependent, action: 'down' });
        }
      }
      break;
    case 'reload':
      break;
  }
  return obstacles;
}

/** It is up, and not because it happens to be between two deaths. */
function canBeCountedOn({ database, ports }: Pick<RepairContext, 'database' | 'ports'>, service: ServiceId): boolean {
  const record = ports.records.read(service);
  const seen = ports.supervisor.observe(service);
  if (conditionUnderLease(record, seen) !== 'up') return false;
  return unstableBelow({ database, supervisor: ports.supervisor }, service, record, seen) === null;
}

function conditionNow({ ports }: Pick<RepairContext, 'ports'>, service: ServiceId): Condition {
  return conditionUnderLease(ports.records.read(service), ports.supervisor.observe(service));
}

/** A dependent may say that a restart of what it needs does not concern it. */
function outlives(
  { database, table }: Pick<RepairContext, 'database' | 'table'>,
  dependent: ServiceId,
  need: ServiceId,
): boolean {
  if (table.openStep({ service: need, action: 'up' }) === undefined) return false;
  return onRestartOf(database, dependent, need) !== 'restart';
}

/** Puts steps for the obstacles before `step`, which waits for them; or ends it, if that cannot be. */
export function removeObstacles(context: RepairContext, step: StepIndex, obstacles: readonly Obstacle[]): void {
  const { table } = context;
  table.postpone(step);
  const isOnceTooOften = table.countRepair(step) > MOST_REPAIRS;
  const added: StepIndex[] = [];
  for (const obstacle of obstacles) {
    const before: Result<Predecessor, Unremovable> = isOnceTooOften ? failure(STAYS) : stepFor(context, step, obstacle);
    if (!before.ok || table.isAwaitedBy(step, before.value.step)) {
      giveUp(context, step, obstacle, before.ok ? STAYS : before.problem);
      break;
    }
    table.orderAfterSuccess(before.value.step, step);
    if (before.value.isNew) added.push(before.value.step);
  }
  for (const before of added) context.enqueue(before);
}

interface Predecessor {
  readonly step: StepIndex;
  readonly isNew: boolean;
}

/** Why no step removes an obstacle. */
type Unremovable =
  /** It was tried, or would be tried for ever. */
  | { readonly kind: 'stays' }
  /** Process `by` does not want it up. */
  | { readonly kind: 'unwanted'; readonly by: number }
  /** Only force stops it. */
  | { readonly kind: 'essential' };

const STAYS: Unremovable = { kind: 'stays' };

/** The step that removes an obstacle of `step`. */
function stepFor(context: RepairContext, step: StepIndex, obstacle: Obstacle): Result<Predecessor, Unremovable> {
  const { table, ports, database, unwanted } = context;
  const { service, action } = obstacle;
  const open = table.openStep(obstacle);
  if (open !== undefined) return success({ step: open, isNew: false });
  if (table.causeOfMiss(obstacle) !== undefined) return failure(STAYS);
  const hindered = table.moveOf(step);
  if (action === 'up') {
    if (table.openStep({ service, action: 'down' }) !== undefined) return failure(STAYS);
    const { wanted, wantedBy } = ports.records.read(service);
    if (wanted === 'no') return failure({ kind: 'unwanted', by: wantedBy });
  } else {
    if (!context.forced && hasFlag(database, service, 'essential')) return failure({ kind: 'essential' });
    if (hindered.action === 'up' || unwanted.has(hindered.service)) {
      ports.records.wish(service, 'no');
      unwanted.add(service);
    }
  }
  context.watch([service]);
  const added = table.add(obstacle);
  const comesBack =
    hindered.action === 'down' ? table.openStep({ service: hindered.service, action: 'up' }) : undefined;
  if (comesBack !== undefined) bringBack(table, service, added, comesBack);
  return success({ step: added, isNew: true });
}

/** What stops because something restarts is to be up again after that. */
function bringBack(table: StepTable, service: ServiceId, stop: StepIndex, comesBack: StepIndex): void {
  const open = table.openStep({ service, action: 'up' });
  if (open !== undefined && !table.isUnderWay(open)) {
    table.postpone(open);
    table.orderAfterEnd(stop, open);
    return;
  }
  const start = table.add({ service, action: 'up' });
  table.orderAfterEnd(stop, start);
  table.orderAfterSuccess(comesBack, start);
}

function giveUp(context: RepairContext, step: StepIndex, obstacle: Obstacle, why: Unremovable): void {
  const { table, recorder } = context;
  const hindered = table.moveOf(step);
  if (why.kind === 'unwanted') {
    recorder.overruled(hindered, why.by);
    context.end(step, { kind: 'missed', because: hindered.service });
    return;
  }
  if (why.kind === 'essential')
    recorder.refused({ why: 'essential', service: obstacle.service, for: hindered.service });
  const because = table.causeOfMiss(obstacle) ?? obstacle.service;
  recorder.skipped(hindered, because);
  context.end(step, { kind: 'missed', because });
}
