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
