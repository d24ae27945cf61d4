/** What a change is asked for, and the plan that it comes to in the world as it is. */
import { planChange } from '@muster/core/plan/change';
import { type Goal, type Selection, select, withStanding } from '@muster/core/plan/goal';
import type { Plan } from '@muster/core/plan/plan';
import { observedWorld } from '@muster/core/plan/world';
import { failure, type Result, success } from '@muster/core/result';
import type { Deadline } from '@muster/posix/deadline';
import type { Opened } from '../open/read.ts';
import type { UnknownNames } from '../problems.ts';

export const WAYS = ['up', 'down', 'force-down', 'restart', 'reload'] as const;
export type Way = (typeof WAYS)[number];

export interface ChangeRequest {
  /** The live directory. */
  readonly root: string;
  readonly way: Way;
  /** Of services and bundles. */
  readonly names: readonly string[];
  /** Essential services stop like any other. */
  readonly forced: boolean;
  /** Adds what is up to the selection. */
  readonly all: boolean;
  /** Brings everything else down; with `down`: up. */
  readonly prune: boolean;
  /** With `down`: also stops what was only pulled in and is not needed any more. */
  readonly release: boolean;
  /** Somebody else who is at it is not waited for. */
  readonly noWait: boolean;
  /** For everything together. */
  readonly deadline: Deadline;
  /** At most so many transitions at once; undefined means any number. */
  readonly jobs: number | undefined;
}

export function planFor(
  request: Pick<ChangeRequest, 'way' | 'names' | 'forced' | 'all' | 'prune' | 'release'>,
  { database }: Pick<Opened, 'database'>,
  sources: Parameters<typeof observedWorld>[0],
): Result<Plan, UnknownNames> {
  const { selection, unknown } = select(database, request.names);
  if (unknown.length > 0) return failure({ kind: 'unknown-names', unknown, database });
  const world = observedWorld(sources);
  const whole = request.all ? withStanding(database, world, selection) : selection;
  return success(planChange(database, world, goalOf(request, whole)));
}

function goalOf(
  { way, forced, prune, release }: Pick<ChangeRequest, 'way' | 'forced' | 'prune' | 'release'>,
  selection: Selection,
): Goal {
  switch (way) {
    case 'up':
      return { goal: 'up', selection, prune, forced: false };
    case 'down':
      return { goal: 'down', selection, prune, forced: false, release };
    case 'force-down':
      return { goal: 'down', selection, prune, forced: true, release };
    case 'restart':
      return { goal: 'restart', selection, forced };
    case 'reload':
      return { goal: 'reload', selection };
  }
}
