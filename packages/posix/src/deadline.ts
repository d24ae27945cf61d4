/** How long a command may wait altogether, handed on from one wait to the next. */

/** A moment by `performance.now`. */
export type Deadline = number;

export const NO_DEADLINE: Deadline = Number.POSITIVE_INFINITY;

/** `timeout` is in milliseconds; undefined and 0 mean that there is no limit. */
export function deadlineIn(timeout: number | undefined): Deadline {
  return timeout ? performance.now() + timeout : NO_DEADLINE;
}

/** Milliseconds, at most `most`. */
export function timeLeft(deadline: Deadline, most = Number.POSITIVE_INFINITY): number {
  return Math.min(most, Math.max(0, deadline - performance.now()));
}

/** The same for the executor, to which 0 would be no time at all. */
export function within(deadline: Deadline): { readonly timeout?: number } {
  return deadline === NO_DEADLINE ? {} : { timeout: Math.max(1, timeLeft(deadline)) };
}
