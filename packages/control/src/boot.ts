/**
 * From a compiled database to services that are up, by one process: what `init` and then `change` do, with the database read
 * once. It has no way of its own: what init has made is opened as any change opens it, with its lock and its looks.
 */
import { failure, type Result, success } from '@muster/core/result';
import type { Caller } from './caller.ts';
import { type Changed, type ChangeProblem, change } from './change/change.ts';
import type { ChangeRequest } from './change/request.ts';
import { type InitProblem, type InitRequest, init } from './init.ts';

export interface BootRequest extends InitRequest {
  /** What is brought up in the live directory when that is there; `deadline` is for both together. */
  readonly change: Omit<ChangeRequest, 'root' | 'deadline'>;
}

/** Where it was init's, nothing was brought up. */
export type BootProblem =
  | { readonly during: 'init'; readonly problem: InitProblem }
  | { readonly during: 'change'; readonly problem: ChangeProblem };

/** Throws what init and change throw. Events come in the order of the two. */
export async function boot(request: BootRequest, caller: Caller): Promise<Result<Changed, BootProblem>> {
  const { root, deadline } = request;
  const made = await init(request, caller);
  if (!made.ok) return failure({ during: 'init', problem: made.problem });
  const changed = await change({ ...request.change, root, deadline }, caller, made.value);
  return changed.ok ? success(changed.value) : failure({ during: 'change', problem: changed.problem });
}
