/** Where every phase puts what it has to say. */
import { CODES, type SourceDiagnosticKind, severityOf } from './codes.ts';
import type { Diagnostic, Note, Place } from './diagnostic.ts';

interface Particulars {
  readonly at?: Place | undefined;
  readonly notes?: readonly Note[];
  /** The way out. */
  readonly hint?: string | undefined;
}

/** Collects what one run has to say. */
export class Report {
  readonly #diagnostics: Diagnostic[] = [];
  #errors = 0;

  add(kind: SourceDiagnosticKind, message: string, { at, notes = [], hint }: Particulars = {}): void {
    const severity = severityOf(kind);
    if (severity === 'error') this.#errors++;
    this.#diagnostics.push({
      code: CODES[kind],
      severity,
      message,
      ...(at === undefined ? {} : { at }),
      notes,
      ...(hint === undefined ? {} : { hint }),
    });
  }

  get hasErrors(): boolean {
    return this.#errors > 0;
  }

  /** By file, line and column, then by code, so that the same source always gives the same output. */
  sorted(): Diagnostic[] {
    return this.#diagnostics.sort(
      (a, b) =>
        compare(a.at?.file ?? '', b.at?.file ?? '') ||
        (a.at?.line ?? 0) - (b.at?.line ?? 0) ||
        (a.at?.column ?? 0) - (b.at?.column ?? 0) ||
        compare(a.code, b.code) ||
        compare(a.message, b.message),
    );
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
