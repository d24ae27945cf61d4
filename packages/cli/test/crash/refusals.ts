/** Updates of which the system refuses calls, as it does when a quota is used up, or a disk is broken. */
import type { Mutation, Refusal } from './mutations.ts';

const ERRORS = ['EDQUOT', 'EACCES', 'EROFS', 'EIO'] as const;

/** Every call with every error, once and for good. */
export function* refusals(calls: readonly Mutation[]): Iterable<readonly [Mutation, Refusal]> {
  for (const call of calls) {
    for (const error of ERRORS) {
      yield [call, { error, forGood: false }];
      // What is told goes through the same call: nobody could be told.
      if (call.call !== 'write') yield [call, { error, forGood: true }];
    }
  }
}
