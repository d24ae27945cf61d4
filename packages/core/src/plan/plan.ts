/**
 * A plan is data: what will be done to which service, in which order, and why. Dry runs print it, rc-diff shows it,
 * the executor obeys it, and a plan file is exactly this.
 */
import type { ServiceId } from '../model/database.ts';
import type { Wanted } from '../model/record.ts';

/**
 * Why a transition is in a plan.
 *
 * `because` is the service at the other end: the one that needs it, that it needs, that conflicts, …
 */
export type Reason =
  | { readonly why: 'named' }
  | { readonly why: 'needed-by'; readonly because: ServiceId }
  | { readonly why: 'wanted-by'; readonly because: ServiceId }
  | { readonly why: 'needs'; readonly because: ServiceId }
  | { readonly why: 'conflicts-with'; readonly because: ServiceId }
  | { readonly why: 'pruned' }
  | { readonly why: 'released' }
  | { readonly why: 'was-up' }
  | { readonly why: 'restarted-with'; readonly because: ServiceId };

export type Action = 'up' | 'down' | 'reload';

declare const counted: unique symbol;

/** Index of a step, in its plan and in the table of those that are carried out. No other number is taken for one. */
export type StepIndex = number & { readonly [counted]: 'step' };

/** For who numbers steps. */
export function stepIndex(index: number): StepIndex {
  return index as StepIndex;
}

/** One step. It may begin when every step in `after` has succeeded. */
export interface Step<Why = Reason> {
  readonly service: ServiceId;
  readonly action: Action;
  readonly reason: Why;
  /** Indices of earlier steps of the same plan; a step never waits for a later one. */
  readonly after: readonly StepIndex[];
  /** Indices of earlier steps that are waited for whether they succeed or not (soft dependencies, orders). */
  readonly afterEnd: readonly StepIndex[];
}

/** Why something that was asked for is not in the plan. */
export type Refusal =
  /** Only a forced stop takes it down; `for` is the service whose stop would have needed it. */
  | { readonly why: 'essential'; readonly service: ServiceId; readonly for: ServiceId }
  /** It cannot stop, because an essential service which needs it is kept. */
  | { readonly why: 'needed-by-essential'; readonly service: ServiceId; readonly essential: ServiceId }
  /** Both would have to be up; then nothing at all is planned. */
  | { readonly why: 'conflict'; readonly service: ServiceId; readonly with: ServiceId }
  /** A reload of something that is not up, or of a oneshot that has no `reload`. */
  | { readonly why: 'not-up' | 'no-reload'; readonly service: ServiceId };

/** The executor asks for no reasons: they are for people. */
export interface Plan<Why = Reason> {
  readonly steps: readonly Step<Why>[];
  /** Every step down is waited for before the first one up; if one fails, nothing goes up (`rc-change -p`). */
  readonly stopsFirst?: boolean;
  /**
   * Of everything that the plan stands on, written before the first step where it is not so yet; `pulled` is at least
   * that. A step which contradicts the wish that it finds later is given up.
   */
  readonly wishes?: readonly { readonly service: ServiceId; readonly wanted: Wanted }[];
  readonly refused?: readonly Refusal[];
}
