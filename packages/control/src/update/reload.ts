/** After a source was edited: compiled, and the live directory moved to it, all of it or nothing. */
import { resolve } from 'node:path';
import type { Diagnostic } from '@muster/core/diagnostics/diagnostic';
import { NO_CONVERSION } from '@muster/core/plan/update/conversion';
import { failure, type Result, success } from '@muster/core/result';
import type { Deadline } from '@muster/posix/deadline';
import { stageFile } from '@muster/store/write-file';
import type { Caller } from '../caller.ts';
import { compileSource } from '../compile-source.ts';
import { openForUpdating } from '../open/update.ts';
import type { Hindrance } from '../problems.ts';
import { type AppliedUpdate, applyUpdate, type BrokenOff } from './apply.ts';
import { type PlanProblem, planTo } from './plan.ts';

export interface ReloadRequest {
  /** The live directory. */
  readonly root: string;
  /** Directories. */
  readonly sources: readonly string[];
  /** Also sources that others own or may write to, who then decide what this user's services do. */
  readonly trustsSources: boolean;
  /** The compiled database to replace: what is live is also what the next boot begins with. */
  readonly compiled: string;
  readonly stopEssentials: boolean;
  /** Plans it, once nobody else changes anything, and does nothing. */
  readonly onlyPlans: boolean;
  /** Somebody else who is at it is not waited for. */
  readonly noWait: boolean;
  /** For everything together. */
  readonly deadline: Deadline;
}

export type ReloadSourceProblem =
  /** It does not compile. What is wrong with it has been told as diagnostics. */
  | { readonly kind: 'broken-source' }
  /** Others could have written it. */
  | { readonly kind: 'distrusted-source'; readonly diagnostics: readonly Diagnostic[] };

export type ReloadProblem = ReloadSourceProblem | Hindrance | PlanProblem | BrokenOff;

/** Null if it was only planned. */
export async function reload(
  request: ReloadRequest,
  caller: Caller,
): Promise<Result<AppliedUpdate | null, ReloadProblem>> {
  const { target, diagnostics, distrusted } = compileSource(request.sources);
  caller.events.emit({ event: 'compiled', diagnostics });
  if (!request.trustsSources && distrusted.length > 0)
    return failure({ kind: 'distrusted-source', diagnostics: distrusted });
  if (target === null) return failure({ kind: 'broken-source' });
  const opened = await openForUpdating(request.root, request, caller);
  if (!opened.ok) return opened;
  const { context } = opened.value;
  try {
    const { stopEssentials, deadline } = request;
    const planned = planTo(context, target, { restart: 'changed', stopEssentials, conversion: NO_CONVERSION });
    if (!planned.ok) return planned;
    const { document, target: next } = planned.value;
    caller.events.emit({ event: 'planned', document, before: context.database, next: next.database });
    if (request.onlyPlans) return success(null);
    const compiled = stageFile(resolve(request.compiled), target.bytes, { mode: target.mode });
    return await applyUpdate(context, next, planned.value, { deadline, compiled }, caller);
  } finally {
    context.records.close();
    context.lock.close();
  }
}
