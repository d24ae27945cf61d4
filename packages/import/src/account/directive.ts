/** What an original says, piece by piece, and what became of each piece. */

/**
 * One thing that an original says: a key with its value, the header of a section, a line of a script. It is the same object from
 * the parser to the report, which has an entry for each.
 */
export interface Directive {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** Lines that it takes. */
  readonly lines: number;
  /** `[program:web]`, a path in YAML; empty where a format has no such thing. */
  readonly section: string;
  /** Empty for the header of a section, and for a line that is no directive. */
  readonly key: string;
  readonly value: string;
}

/**
 * `taken`: as it is. `changed`: it is there in another form, or means a little less. `told`: not mapped. `ignored`: the original
 * ignores it too.
 */
export type EntryResult = 'taken' | 'changed' | 'told' | 'ignored';

/** What is said of a directive. */
export interface DirectiveOutcome {
  readonly result: EntryResult;
  readonly service?: string;
  /** The files of the definition that it is in. */
  readonly into?: readonly string[];
  readonly message?: string;
  /** The way out. */
  readonly hint?: string;
}

/** One line of the report. The names of the fields are those of its JSON. */
export interface ReportEntry {
  readonly file: string;
  readonly line: number;
  readonly section: string;
  readonly key: string;
  readonly value: string;
  readonly result: EntryResult;
  readonly service: string;
  readonly into: readonly string[];
  readonly message: string;
  readonly hint: string;
}

export interface ImportReport {
  readonly version: 1;
  readonly format: string;
  readonly files: readonly { readonly path: string; readonly lines: number }[];
  readonly entries: readonly ReportEntry[];
}
