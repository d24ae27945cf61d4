/** What may go wrong in a usual way is an answer like any other. What the system refuses is thrown, and so are bugs. */
import type { Diagnostic } from './diagnostics/diagnostic.ts';

export type Result<T, P = Diagnostic> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: P };

export function success<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

export function failure<P>(problem: P): { readonly ok: false; readonly problem: P } {
  return { ok: false, problem };
}
