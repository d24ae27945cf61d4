/** Moving a live directory to another database. */
import type { Database } from '@muster/core/model/database';
import type { UpdateDocument } from '@muster/core/plan/update/document';
import type { UpdateOptions } from '@muster/core/plan/update/update';
import { type Result, success } from '@muster/core/result';
import type { Deadline } from '@muster/posix/deadline';
import type { Caller } from '../caller.ts';
import type { ControlEventSink } from '../events.ts';
import { type Opened, openForReading } from '../open/read.ts';
import { openForUpdating } from '../open/update.ts';
import type { Hindrance } from '../problems.ts';
import { type AppliedUpdate, applyUpdate, type BrokenOff } from './apply.ts';
import {
  type Moved,
  type Planned,
  type PlanProblem,
  planAgain,
  planNothing,
  planTo,
  readConversion,
  rememberedConversion,
} from './plan.ts';
import type { Recovery } from './recover.ts';
import { compiledTarget, earlierTarget, generationTarget, isKept, type Target, type TargetProblem } from './target.ts';

export interface UpdateRequest {
  /** The live directory. */
  readonly root: string;
  readonly to:
    | { readonly kind: 'file'; readonly path: string }
    /** So many generations ago. */
    | { readonly kind: 'earlier'; readonly back: number }
    /** Where `planned` says; if that was never live, this file. */
    | { readonly kind: 'planned'; readonly path: string };
  /** To be done exactly, or not at all; null if what is to be done is found out. */
  readonly planned: UpdateDocument | null;
  readonly restart: NonNullable<UpdateOptions['restart']>;
  readonly stopEssentials: boolean;
  /** What was renamed, and what to restart. */
  readonly conversionFile: string | undefined;
  /** Somebody else who is at it is not waited for. */
  readonly noWait: boolean;
  /** For everything together. */
  readonly deadline: Deadline;
}

export type Updated =
  | ({ readonly kind: 'applied' } & AppliedUpdate)
  /** The same update had been interrupted, and has been completed just now. */
  | { readonly kind: 'completed'; readonly recovery: Recovery };

export type PlanOrTargetProblem = TargetProblem | PlanProblem | Moved;
export type UpdateProblems = Hindrance | PlanOrTargetProblem | BrokenOff;

export async function update(request: UpdateRequest, caller: Caller): Promise<Result<Updated, UpdateProblems>> {
  const opened = await openForUpdating(request.root, request, caller);
  if (!opened.ok) return opened;
  const { context, recovery } = opened.value;
  try {
    if (recovery !== null && isSame(recovery, request, context, caller))
      return success({ kind: 'completed', recovery });
    const planned = planIn(context, request, { thorough: false });
    if (!planned.ok) return planned;
    const { target, document } = planned.value;
    caller.events.emit({ event: 'planned', document, before: context.database, next: target.database });
    const applied = await applyUpdate(context, target, planned.value, request, caller);
    return applied.ok ? success({ kind: 'applied', ...applied.value }) : applied;
  } finally {
    context.records.close();
    context.lock.close();
  }
}

export interface PlannedUpdate extends Planned {
  readonly before: Database;
}

/** What `update` would do at this moment. */
export function planOfUpdate(
  request: UpdateRequest,
  events: ControlEventSink,
): Result<PlannedUpdate, Hindrance | PlanOrTargetProblem> {
  const opened = openForReading(request.root, events);
  if (!opened.ok) return opened;
  const { database, records } = opened.value;
  try {
    const planned = planIn(opened.value, request, { thorough: true });
    return planned.ok ? success({ ...planned.value, before: database }) : planned;
  } finally {
    records.close();
  }
}

/** Called again after it was killed: what it was asked for has just been completed. */
function isSame({ kind, command, target }: Recovery, request: UpdateRequest, opened: Opened, caller: Caller): boolean {
  if (kind !== 'completed' || command !== caller.command) return false;
  // One generation back from here is another one by now.
  if (request.to.kind === 'earlier') return true;
  const asked = targetOf(request, opened);
  return asked.ok && asked.value.hash === target;
}

/** `thorough`: every service is looked at, also where the records say that nothing has to move. */
function planIn(
  opened: Opened,
  request: UpdateRequest,
  { thorough }: { readonly thorough: boolean },
): Result<Planned, PlanOrTargetProblem> {
  const target = targetOf(request, opened);
  if (!target.ok) return target;
  return request.planned === null
    ? planFresh(request, opened, target.value, thorough)
    : planAgain(request.planned, opened, target.value);
}

function targetOf({ to, planned }: UpdateRequest, opened: Opened): Result<Target, TargetProblem> {
  const { live } = opened;
  if (to.kind === 'earlier') return earlierTarget(live, to.back);
  const hash = planned?.target.database;
  if (to.kind === 'planned' && hash !== undefined && isKept(live, hash)) return generationTarget(live, hash);
  return compiledTarget(to.path, opened);
}

function planFresh(
  { to, restart, stopEssentials, conversionFile }: UpdateRequest,
  opened: Opened,
  target: Target,
  thorough: boolean,
): Result<Planned, PlanProblem> {
  const isBack = to.kind === 'earlier' && conversionFile === undefined;
  const conversion = isBack
    ? success(rememberedConversion(opened, to.back))
    : readConversion(opened.database, conversionFile);
  if (!conversion.ok) return conversion;
  const options = { restart, stopEssentials, conversion: conversion.value };
  const nothing = thorough ? null : planNothing(opened, target, options);
  return nothing === null ? planTo(opened, target, options, conversionFile) : success(nothing);
}
