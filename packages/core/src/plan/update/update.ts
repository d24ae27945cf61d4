/**
 * Plans of updates: from the database that is live to another one.
 *
 *     what is up ──stop──▶ [ swap of the database ] ──start, reload──▶ the same is up, as the new database defines it
 *
 * Who is who is decided in identity.ts, who must stop in must-stop.ts; here follow what must start, and the order of both.
 * An update plan is two lists of steps: `down` in ids of the old database, `up` in ids of the new one.
 */

import { targetsOf } from '../../graph/edges.ts';
import { type Database, entryOf, everyService, hasFlag, nameOf, type ServiceId } from '../../model/database.ts';
import { failure, type Result, success } from '../../result.ts';
import { orderSteps } from '../order.ts';
import type { Plan, Step } from '../plan.ts';
import { type Conversion, NO_CONVERSION } from './conversion.ts';
import { type Identity, identify, NOBODY, successorOf } from './identity.ts';
import { type Causes, findCauses } from './must-stop.ts';
import type { UpdateProblem } from './problem.ts';
import type { UpdateReason } from './reason.ts';
import { findRetries } from './retries.ts';
import type { UpdateWorld } from './world.ts';

export interface UpdateOptions {
  readonly conversion?: Conversion;
  /** What changed content does: what `on-update` says (the default), nothing; or everything that is up restarts. */
  readonly restart?: 'changed' | 'never' | 'all';
  /** Essential services are stopped like any other. */
  readonly stopEssentials?: boolean;
}

export type UpdateStep = Step<UpdateReason>;

export interface UpdatePlan {
  readonly identity: Identity;
  /** Stops, in ids of the old database. */
  readonly down: readonly UpdateStep[];
  /** Starts and reloads, in ids of the new database. */
  readonly up: readonly UpdateStep[];
  /** What goes on running, untouched or reloaded: old id and new id. */
  readonly kept: readonly (readonly [ServiceId, ServiceId])[];
  /** Of `kept`, those that then run on an older definition. Old ids. */
  readonly stale: Causes['stale'];
}

export type UpdateRefusal =
  | { readonly kind: 'essential'; readonly service: string; readonly reason: UpdateReason }
  | { readonly kind: 'conflict'; readonly services: readonly [string, string] };

/** Why there is no plan. */
export type UpdateHindrance =
  /** Who is who is not clear. */
  | { readonly kind: 'unclear'; readonly problems: readonly UpdateProblem[] }
  | { readonly kind: 'refused'; readonly refusals: readonly UpdateRefusal[] };

/** Plans the way from `old`, in the state `world`, to `next`. */
export function planUpdate(
  old: Database,
  next: Database,
  world: UpdateWorld,
  options: UpdateOptions = {},
): Result<UpdatePlan, UpdateHindrance> {
  const conversion = options.conversion ?? NO_CONVERSION;
  const { identity, problems } = identify(old, next, conversion);
  if (problems.length > 0) return failure({ kind: 'unclear', problems });

  const stopEssentials = options.stopEssentials ?? false;
  const causes = findCauses(old, next, identity, world, {
    told: conversion.restarts,
    restart: options.restart ?? 'changed',
    stopEssentials,
  });
  const starts = findStarts(old, next, identity, world, causes);
  const kept = findKept(old, identity, world, causes);
  tryAgain(old, next, identity, world, kept, starts);
  const refusals = [
    ...(stopEssentials ? [] : essentialStops(old, causes)),
    ...conflictsAmong(next, [...kept.map(([, successor]) => successor), ...starts.keys()]),
  ];
  if (refusals.length > 0) return failure({ kind: 'refused', refusals });
  return success({
    identity,
    down: orderSteps(old, { down: stopsOf(old, causes) }),
    up: [...orderSteps(next, { up: starts }), ...causes.reloads.map((id) => reloadOf(successorOf(identity, id)))],
    kept,
    stale: causes.stale,
  });
}

/** The same steps as the executor takes them. */
export function asPlan(steps: readonly UpdateStep[]): Plan<UpdateReason> {
  return { steps };
}

function findKept(old: Database, identity: Identity, world: UpdateWorld, causes: Causes): [ServiceId, ServiceId][] {
  const kept: [ServiceId, ServiceId][] = [];
  for (const id of everyService(old)) {
    const { up, running } = entryOf(world.services, id);
    if ((up || running) && causes.stops[id] === undefined) kept.push([id, successorOf(identity, id)]);
  }
  return kept;
}

/** New ids to start: what stands for all that was up, with what that needs, without what goes on running. */
function findStarts(
  old: Database,
  next: Database,
  identity: Identity,
  world: UpdateWorld,
  causes: Causes,
): Map<ServiceId, UpdateReason> {
  const starts = new Map<ServiceId, UpdateReason>();
  const goesOn = (id: ServiceId): boolean => {
    const predecessor = entryOf(identity.predecessor, id);
    return predecessor !== NOBODY && entryOf(world.services, predecessor).up && causes.stops[predecessor] === undefined;
  };
  const todo: ServiceId[] = [];
  const start = (id: ServiceId, reason: UpdateReason): void => {
    if (starts.has(id) || goesOn(id)) return;
    starts.set(id, reason);
    todo.push(id);
  };
  const wereUp = everyService(old).filter((id) => entryOf(world.services, id).up);
  for (const id of wereUp) {
    const successor = entryOf(identity.successor, id);
    const reason = causes.stops[id];
    if (successor !== NOBODY && reason !== undefined) start(successor, reason);
  }
  for (const id of wereUp) {
    for (const standIn of entryOf(identity.standIns, id))
      start(standIn, { why: 'stands-for', because: nameOf(old, id) });
  }
  for (let id = todo.shift(); id !== undefined; id = todo.shift()) {
    for (const need of targetsOf(next.needs, id)) start(need, { why: 'needed-by', because: nameOf(next, id) });
  }
  return starts;
}

/** Adds to `starts` what is tried again, with what that needs. */
function tryAgain(
  old: Database,
  next: Database,
  identity: Identity,
  world: UpdateWorld,
  kept: UpdatePlan['kept'],
  starts: Map<ServiceId, UpdateReason>,
): void {
  const up = new Set([...kept.map(([, successor]) => successor), ...starts.keys()]);
  const todo = [...findRetries(old, next, identity, world, up)];
  for (const id of todo) starts.set(id, { why: 'tried-again' });
  for (let id = todo.shift(); id !== undefined; id = todo.shift()) {
    for (const need of targetsOf(next.needs, id)) {
      if (up.has(need) || starts.has(need)) continue;
      starts.set(need, { why: 'needed-by', because: nameOf(next, id) });
      todo.push(need);
    }
  }
}

function essentialStops(old: Database, causes: Causes): UpdateRefusal[] {
  return [...stopsOf(old, causes)].flatMap(([id, reason]) =>
    hasFlag(old, id, 'essential') ? [{ kind: 'essential' as const, service: nameOf(old, id), reason }] : [],
  );
}

function conflictsAmong(next: Database, up: readonly ServiceId[]): UpdateRefusal[] {
  const all = new Set(up);
  return [...all].flatMap((id) =>
    [...targetsOf(next.conflicts, id)]
      .filter((other) => id < other && all.has(other))
      .map((other) => ({ kind: 'conflict' as const, services: [nameOf(next, id), nameOf(next, other)] as const })),
  );
}

function stopsOf(old: Database, { stops }: Causes): Map<ServiceId, UpdateReason> {
  return new Map(
    everyService(old).flatMap((id) => {
      const reason = stops[id];
      return reason === undefined ? [] : [[id, reason] as const];
    }),
  );
}

function reloadOf(service: ServiceId): UpdateStep {
  return { service, action: 'reload', reason: { why: 'content-changed' }, after: [], afterEnd: [] };
}
