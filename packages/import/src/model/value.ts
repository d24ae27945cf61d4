/** A value of a service with the directives that it comes from, so that whoever writes it down can say what became of them. */
import type { Directive } from '../account/directive.ts';

export interface Sourced<T> {
  readonly value: T;
  /** Empty: it is a default of the original. */
  readonly from: readonly Directive[];
  /** What is not as it was. */
  readonly changed?: string;
}

export function sourced<T>(value: T, from: Directive | readonly Directive[] | null, changed?: string): Sourced<T> {
  const directives = from === null ? [] : [from].flat();
  return changed === undefined ? { value, from: directives } : { value, from: directives, changed };
}
