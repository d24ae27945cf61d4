/** What keeps an instance from being made, changed or removed, in usual ways. */
import type { Diagnostic } from '@muster/core/diagnostics/diagnostic';
import type { SupervisionObstacle } from '@muster/supervisors/supervisor-adapter';
import type { Hindrance } from '../problems.ts';

export type InstanceProblem =
  | Hindrance
  /** No name of an instance, or no variable: for people. */
  | { readonly kind: 'bad-request'; readonly why: string }
  | { readonly kind: 'no-template'; readonly template: string }
  | { readonly kind: 'no-instance'; readonly name: string }
  /** It is there with other variables. */
  | { readonly kind: 'other-variables'; readonly name: string }
  /** The source defines it, and only that changes it. */
  | { readonly kind: 'of-source'; readonly name: string }
  /** What a oneshot runs has no place for variables. */
  | { readonly kind: 'no-variables'; readonly template: string }
  /** The compiler would not have it. */
  | { readonly kind: 'unmakeable'; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: 'circle'; readonly names: readonly string[] }
  | { readonly kind: 'obstacles'; readonly obstacles: readonly SupervisionObstacle[] }
  /** Of what would be removed, these are not down. */
  | { readonly kind: 'still-up'; readonly names: readonly string[] }
  /** Another instance refers to it. */
  | { readonly kind: 'needed'; readonly name: string; readonly by: readonly string[] };
