/** Goals from what a test says of them: what is not said is not so. */
import type { Goal, Selection } from '../src/plan/goal.ts';

export interface GoalOptions {
  readonly prune?: boolean | undefined;
  readonly forced?: boolean | undefined;
  readonly release?: boolean | undefined;
}

export function goalOf(goal: Goal['goal'], selection: Selection, options: GoalOptions = {}): Goal {
  const { prune = false, forced = false, release = false } = options;
  switch (goal) {
    case 'up':
      return { goal, selection, prune, forced };
    case 'down':
      return { goal, selection, prune, forced, release };
    case 'restart':
      return { goal, selection, forced };
    case 'reload':
      return { goal, selection };
  }
}
