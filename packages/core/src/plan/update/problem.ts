import { CODES, severityOf } from '../../diagnostics/codes.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';

/** Why an update cannot be planned from what it was given. The same classes, in the same order, as s6-rc-update's. */
export type UpdateProblem =
  /** Lines count from 1, in the conversion file. */
  | { readonly kind: 'conversion-syntax'; readonly line: number; readonly detail: string }
  | { readonly kind: 'unknown-keyword'; readonly line: number; readonly name: string }
  | { readonly kind: 'unknown-old-service'; readonly line: number; readonly name: string }
  | { readonly kind: 'old-is-a-bundle'; readonly line: number; readonly name: string }
  | { readonly kind: 'listed-twice'; readonly line: number; readonly name: string; readonly before: number }
  | { readonly kind: 'undefined-new-service'; readonly line: number; readonly name: string }
  /** `line` 0 if no line of a conversion file says so, but `renamed-from` annotations do. */
  | {
      readonly kind: 'two-become-one';
      readonly line: number;
      readonly olds: readonly [string, string];
      readonly name: string;
    }
  /** Two new services say that they were called `name`. */
  | { readonly kind: 'one-becomes-two'; readonly name: string; readonly news: readonly [string, string] };

/** `file`: the conversion file, as it was named. */
export function diagnosticOf(problem: UpdateProblem, file: string): Diagnostic {
  const line = 'line' in problem ? problem.line : 0;
  return {
    code: CODES[problem.kind],
    severity: severityOf(problem.kind),
    message: explainProblem(problem),
    ...(line === 0 ? {} : { at: { file, line } }),
    notes:
      problem.kind === 'listed-twice' ? [{ message: 'it is listed here', at: { file, line: problem.before } }] : [],
    hint: wayOut(problem),
  };
}

function wayOut(problem: UpdateProblem): string {
  switch (problem.kind) {
    case 'conversion-syntax':
      return 'each line is one command line by itself: OLD-NAME [-> NEW-NAME] [restart]';
    case 'unknown-keyword':
      return 'write OLD-NAME -> NEW-NAME, OLD-NAME restart, or both in one line';
    case 'unknown-old-service':
      return 'rc-db list says which there are; the first word of a line is a name of before the update';
    case 'old-is-a-bundle':
      return 'write a line for each of its members';
    case 'listed-twice':
      return 'make one line of the two';
    case 'undefined-new-service':
      return 'correct the name, or compile a source that defines it';
    case 'two-become-one':
      return 'one service goes on as the new one: take the other out of the conversion file, or out of renamed-from';
    case 'one-becomes-two':
      return 'one service goes on as the earlier one: remove renamed-from from the other';
  }
}

/** What is wrong, for people; the file and the line are said elsewhere. */
export function explainProblem(problem: UpdateProblem): string {
  switch (problem.kind) {
    case 'conversion-syntax':
      return problem.detail;
    case 'unknown-keyword':
      return `'${problem.name}' is neither '-> NEW-NAME' nor 'restart'`;
    case 'unknown-old-service':
      return `the database that is live has no service '${problem.name}'`;
    case 'old-is-a-bundle':
      return `'${problem.name}' is a bundle of the database that is live; only its members can be converted`;
    case 'listed-twice':
      return `'${problem.name}' is listed already in line ${problem.before}`;
    case 'undefined-new-service':
      return `the new database has no service or bundle '${problem.name}'`;
    case 'two-become-one':
      return `'${problem.olds[0]}' and '${problem.olds[1]}' would both become '${problem.name}'`;
    case 'one-becomes-two':
      return `'${problem.news[0]}' and '${problem.news[1]}' both say that they were '${problem.name}' (renamed-from)`;
  }
}
