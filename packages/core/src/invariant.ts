/** What must hold whatever the world does. Where it does not, this program has a bug, and its state is not to be trusted. */

export class InvariantBroken extends Error {
  override readonly name = 'InvariantBroken';
}

/**
 * States that `condition` holds; throws InvariantBroken if it does not. `message` says what was broken, with all that is
 * known of it. Where that takes time to put together, give a function.
 */
export function invariant(condition: boolean, message: string | (() => string)): asserts condition {
  if (!condition) throw new InvariantBroken(typeof message === 'string' ? message : message());
}

/** `value`, of which is stated that it is there; `why` says by what. */
export function present<T>(value: T | undefined, why: string): T {
  if (value === undefined) throw new InvariantBroken(why);
  return value;
}
