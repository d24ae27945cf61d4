/** What is thrown and is no bug: the system refuses something, or a live directory is damaged. */
import type { Damaged, TakenAway } from '@muster/store/live/problem';

/** What posix and node:fs throw. */
export function isSystemError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'code' in error && /^E[A-Z0-9]+$/.test(String(error.code));
}

/** What is thrown where a live directory turns out to be damaged, or is gone, while it is used. */
export function isDamage(error: unknown): error is Damaged | TakenAway {
  return error instanceof Error && 'diagnostic' in error;
}
