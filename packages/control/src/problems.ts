/** What keeps control from doing what was asked, in usual ways. */
import type { Diagnostic } from '@muster/core/diagnostics/diagnostic';
import type { Database } from '@muster/core/model/database';
import type { DatabaseRefusal } from '@muster/store/database/open';

/** There is no live directory, or none that can be used. */
export interface Unusable {
  readonly kind: 'unusable';
  readonly diagnostic: Diagnostic;
}

/** Nothing has these names. */
export interface UnknownNames {
  readonly kind: 'unknown-names';
  readonly unknown: readonly string[];
  /** The one in which they were looked for. */
  readonly database: Database;
}

/** Somebody else is at it, and was waited for as long as that was allowed, if at all. */
export interface Busy {
  readonly kind: 'busy';
  /** For people: `rc-change -d web (pid 812)`. */
  readonly holder: string;
  /** The holder waits for this service's script, in which this process runs: waiting would never end. */
  readonly inside: string | null;
  /** It was waited for until the deadline. */
  readonly late: boolean;
}

/** The caller has called it off before anything was done. */
export interface Cancelled {
  readonly kind: 'cancelled';
}

/** A file is no database, or cannot be read. */
export interface BadDatabase {
  readonly kind: 'bad-database';
  readonly path: string;
  readonly refusal: DatabaseRefusal['refusal'];
  /** Without the path. */
  readonly message: string;
}

export type LookProblem = Unusable | UnknownNames;
/** Why a live directory is not open for changing. */
export type Hindrance = Unusable | Busy | Cancelled;

export const CANCELLED: Cancelled = { kind: 'cancelled' };

export function unusable(diagnostic: Diagnostic): Unusable {
  return { kind: 'unusable', diagnostic };
}
