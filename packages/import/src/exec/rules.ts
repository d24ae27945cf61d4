/** Whose rules rc-exec puts words together by, when a service starts. */
import type { Result } from '@muster/core/result';
import { supervisordWords } from '../supervisord/late-words.ts';
import { systemdWords } from '../systemd/late-words.ts';

export interface LateCommand {
  /** What an original says, as it was written but for what was known when it was imported. */
  readonly words: readonly string[];
  /** Likewise: texts that name variables, in order. */
  readonly environment: readonly string[];
  readonly directory: string | null;
}

export interface LateContext {
  readonly environment: ReadonlyMap<string, string>;
  readonly hostname: string;
}

export interface ReadyCommand {
  /** At least one. */
  readonly argv: readonly [program: string, ...words: string[]];
  /** Added to the environment, or in place of what it has. */
  readonly environment: ReadonlyMap<string, string>;
  /** Null: where it is. */
  readonly directory: string | null;
}

/** The problem is the original's own, by name. */
export type LateRules = (command: LateCommand, context: LateContext) => Result<ReadyCommand, string>;

export const RULES: ReadonlyMap<string, LateRules> = new Map([
  ['supervisord', supervisordWords],
  ['systemd', systemdWords],
]);
