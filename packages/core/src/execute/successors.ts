/**
 * Which steps come after which. Successors are linked lists in flat arrays, so that adding a step or an order is cheap. An
 * order is hard if the later step can only happen when the earlier one has succeeded.
 */
import { invariant } from '../invariant.ts';
import type { StepIndex } from '../plan/plan.ts';

const NONE = -1;

interface Link {
  readonly later: StepIndex;
  readonly hard: boolean;
  /** The next one of the same step, or `NONE`. */
  readonly next: number;
}

export class Successors {
  /** By step, or `NONE`. */
  readonly #first: number[] = [];
  readonly #links: Link[] = [];

  /** One more step, which has no successors yet. */
  grow(): void {
    this.#first.push(NONE);
  }

  add(earlier: StepIndex, later: StepIndex, hard: boolean): void {
    const next = this.#first[earlier];
    invariant(next !== undefined && later < this.#first.length, `there is no step ${earlier}, or no ${later}`);
    this.#first[earlier] = this.#links.push({ later, hard, next }) - 1;
  }

  /** Calls `visit` for every successor of a step. */
  each(step: StepIndex, visit: (successor: StepIndex, hard: boolean) => void): void {
    let link = this.#links[this.#first[step] ?? NONE];
    while (link !== undefined) {
      visit(link.later, link.hard);
      link = this.#links[link.next];
    }
  }

  /** Whether the end of `step` is, directly or not, waited for by `other`. */
  isAwaitedBy(step: StepIndex, other: StepIndex): boolean {
    const seen = new Set([step]);
    for (const next of seen) {
      if (next === other) return true;
      this.each(next, (successor) => seen.add(successor));
    }
    return false;
  }
}
