/** Errors that a user can cause, as values. What core throws is a bug, or that what it reads is damaged. */

export interface Place {
  readonly file: string;
  /** From 1. */
  readonly line?: number;
  readonly column?: number;
}

export interface Note {
  readonly message: string;
  readonly at?: Place;
}

export interface Diagnostic {
  /** Stable, documented in docs/diagnostics.md: `RC1004`. */
  readonly code: string;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly at?: Place;
  readonly notes: readonly Note[];
  /** The way out. */
  readonly hint?: string;
}
