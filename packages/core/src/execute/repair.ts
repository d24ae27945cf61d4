/**
 * When a step finds under its lease that the world is not as planned (a need went down, a dependent came up), what must
 * happen first is added before it. Only the nearest services are: their own steps will find what they lack themselves.
 */
import { targetsOf } from '../graph/edges.ts';
import { type Condition, conditionUnderLease } from '../model/condition.ts';
import { type Database, hasFlag, onRestartOf, type ServiceId } from '../model/database.ts';
import type { StepIndex } from '../plan/plan.ts';
import type { OutcomeRecorder } from './outcome-recorder.ts';
import type { Ports } from './ports.ts';
import type { StepTable } from './step-table.ts';

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
  end(step: StepIndex, end: 'done' | 'missed'): void;
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
  step: StepIndex,
): readonly Obstacle[] {
  const { database, table } = context;
  const service = table.services[step]!;
  const obstacles: Obstacle[] = [];
  switch (table.actions[step]!) {
    case 'up':
      for (const need of targetsOf(database.needs, service)) {
        if (conditionNow(context, need) !== 'up') obstacles.push({ service: need, action: 'up' });
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

function conditionNow({ ports }: Pick<RepairContext, 'ports'>, service: ServiceId): Condition {
  return conditionUnderLease(ports.records.read(service), ports.supervisor.observe(service));
}

/** A dependent may say that a restart of what it needs does not concern it. */
function outlives(
  { database, table }: Pick<RepairContext, 'database' | 'table'>,
  dependent: ServiceId,
  need: ServiceId,
): boolean {
  if (table.openStep(need, 'up') === undefined) return false;
  return onRestartOf(database, dependent, need) !== 'restart';
}

/** Puts steps for the obstacles before `step`, which waits for them; or ends it, if that cannot be. */
export function removeObstacles(context: RepairContext, step: StepIndex, obstacles: readonly Obstacle[]): void {
  const { table } = context;
  table.states[step] = 'waiting';
  const again = table.repairs[step]!++ >= MOST_REPAIRS;
  const added: StepIndex[] = [];
  for (const obstacle of obstacles) {
    const before = again ? undefined : stepFor(context, step, obstacle);
    if (before === undefined || table.isAwaitedBy(step, before.step)) {
      if (!table.hasEnded(step)) miss(context, step, obstacle);
      break;
    }
    table.orderAfterSuccess(before.step, step);
    if (before.isNew) added.push(before.step);
  }
  for (const before of added) context.enqueue(before);
}

/** The step that removes an obstacle; undefined if nothing can. Then the step that it hinders has been ended or must be. */
function stepFor(
  context: RepairContext,
  step: StepIndex,
  { service, action }: Obstacle,
): { readonly step: StepIndex; readonly isNew: boolean } | undefined {
  const { table, ports, recorder } = context;
  const open = table.openStep(service, action);
  if (open !== undefined) return { step: open, isNew: false };
  const missed = table.missedStep(service, action);
  if (missed !== undefined) return undefined;
  const hindered = table.services[step]!;
  if (action === 'up') {
    if (table.openStep(service, 'down') !== undefined) return undefined;
    const { wanted, wantedBy } = ports.records.read(service);
    if (wanted === 'no') {
      recorder.overruled(hindered, table.actions[step]!, wantedBy);
      context.end(step, 'missed');
      return undefined;
    }
  } else {
    if (!context.forced && hasFlag(context.database, service, 'essential')) {
      recorder.outcome.refused.push({ why: 'essential', service, for: hindered });
      return undefined;
    }
    if (table.actions[step] === 'up' || context.unwanted.has(hindered)) {
      ports.records.wish(service, 'no');
      context.unwanted.add(service);
    }
  }
  context.watch([service]);
  const added = table.add(service, action);
  const comesBack = table.actions[step] === 'down' ? table.openStep(hindered, 'up') : undefined;
  if (comesBack !== undefined) bringBack(table, service, added, comesBack);
  return { step: added, isNew: true };
}

/** What stops because something restarts is to be up again after that. */
function bringBack(table: StepTable, service: ServiceId, stop: StepIndex, comesBack: StepIndex): void {
  const open = table.openStep(service, 'up');
  if (open !== undefined && !table.isUnderWay(open)) {
    table.states[open] = 'waiting';
    table.orderAfterEnd(stop, open);
    return;
  }
  const start = table.add(service, 'up');
  table.orderAfterEnd(stop, start);
  table.orderAfterSuccess(comesBack, start);
}

function miss(context: RepairContext, step: StepIndex, { service, action }: Obstacle): void {
  const { table, recorder } = context;
  const missed = table.missedStep(service, action);
  const because = missed === undefined ? service : table.because[missed]!;
  table.because[step] = because;
  recorder.skipped(table.services[step]!, table.actions[step]!, because);
  context.end(step, 'missed');
}
