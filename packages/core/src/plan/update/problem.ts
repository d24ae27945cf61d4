/** Why an update cannot be planned from what it was given. The same classes, in the same order, as s6-rc-update's. */
export type UpdateProblem =
  /** Lines count from 1, in the conversion file. */
  | { readonly kind: 'conversion-syntax'; readonly line: number; readonly detail: string }
  | { readonly kind: 'unknown-keyword'; readonly line: number; readonly name: string }
  | { readonly kind: 'unknown-old-service'; readonly line: number; readonly name: string }
  | { readonly kind: 'old-is-a-bundle'; readonly line: number; readonly name: string }
  | { readonly kind: 'listed-twice'; readonly line: number; readonly name: string; readonly before: number }
  | { readonly kind: 'undefined-new-service'; readonly line: number; readonly name: string }
  /** `line` 0: no line of a conversion file says so, but `renamed-from` annotations do. */
  | {
      readonly kind: 'two-become-one';
      readonly line: number;
      readonly olds: readonly [string, string];
      readonly name: string;
    }
  /** Two new services say that they were called `name`. */
  | { readonly kind: 'one-becomes-two'; readonly name: string; readonly news: readonly [string, string] };

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
