/** What became of a change. Lists are in the order in which things happened. */
import type { ServiceId } from '../model/database.ts';
import type { Exit } from '../model/observation.ts';
import type { FailureCause } from '../model/record.ts';
import type { Action, Refusal } from '../plan/plan.ts';

/**
 * What became of an order that the supervisor had not read when its step was given up: taken back, so that nothing was done;
 * or left to it, because it is what is wanted.
 */
export type UnreadOrder = 'withdrawn' | 'left';

export interface Failure {
  readonly service: ServiceId;
  readonly action: Action;
  readonly cause: FailureCause;
  /** Of `run`, or of the script; null if it did not end, or nobody knows. */
  readonly exit: Exit | null;
  /** Milliseconds from the beginning of the step. */
  readonly elapsed: number;
  /** Something of the service still ran when the step was given up. */
  readonly alive: boolean;
  readonly unread?: UnreadOrder;
  /** What is there instead of what the supervisor says. */
  readonly odd?: string;
}

export interface Outcome {
  /** Services that this change moved; not those that were so already. */
  readonly up: readonly ServiceId[];
  readonly down: readonly ServiceId[];
  readonly reloaded: readonly ServiceId[];
  /** Of `up`, those whose process died again before the change ended, whether or not another one is there; `exit` null means unknown. */
  readonly died: readonly { readonly service: ServiceId; readonly exit: Exit | null }[];
  readonly failed: readonly Failure[];
  /** Not tried because the step of `because` failed, was overruled or was refused: the first cause, not the nearest. */
  readonly skipped: readonly { readonly service: ServiceId; readonly action: Action; readonly because: ServiceId }[];
  /** Given up because process `by` has asked for the opposite since. */
  readonly overruled: readonly { readonly service: ServiceId; readonly action: Action; readonly by: number }[];
  /** Not begun: the change was cancelled, ran out of time, or met a lock that it may not wait for. */
  readonly left: readonly { readonly service: ServiceId; readonly action: Action }[];
  readonly refused: readonly Refusal[];
  /** Of `left`, those that had waited for another change until the end: what that holds, and who it is, if it is known. */
  readonly awaited: readonly { readonly service: ServiceId; readonly on: ServiceId; readonly holder: string | null }[];
  /** A lock was held, and the change was told not to wait, or waiting would never have ended. */
  readonly blocked: {
    readonly why: 'busy' | 'deadlock';
    readonly service: ServiceId;
    readonly on: ServiceId;
    readonly holder: string | null;
  } | null;
  readonly end: 'finished' | 'cancelled' | 'timed-out';
}

/** The outcome of a change that is under way. */
export type GrowingOutcome = {
  -readonly [Key in keyof Outcome]: Outcome[Key] extends readonly (infer Item)[] ? Item[] : Outcome[Key];
};

export function emptyOutcome(refused: readonly Refusal[]): GrowingOutcome {
  return {
    up: [],
    down: [],
    reloaded: [],
    died: [],
    failed: [],
    skipped: [],
    overruled: [],
    left: [],
    refused: [...refused],
    awaited: [],
    blocked: null,
    end: 'finished',
  };
}

/** Of a change that had nothing to do. */
export const NOTHING: Outcome = emptyOutcome([]);

/** Everything that was asked for is so now. */
export function isSuccess(outcome: Outcome): boolean {
  const { died, failed, skipped, overruled, left, refused, blocked, end } = outcome;
  const missed = died.length + failed.length + skipped.length + overruled.length + left.length + refused.length;
  return missed === 0 && blocked === null && end === 'finished';
}
