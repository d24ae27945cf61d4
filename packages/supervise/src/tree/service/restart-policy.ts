/**
 * Whether and when a service that died is started again: Muster's `restart`, `restart-delay` and `restart-limit`.
 * Without `restart-delay` the rule is s6's: at once if it has been ready for a second, else a second after its death.
 */
import { RESTART_POLICIES, type RestartPolicy } from '@muster/core/model/definition';
import type { ServiceFiles } from './files.ts';

export interface RestartRules {
  readonly policy: RestartPolicy['policy'];
  /** Milliseconds from death to start, doubled from `first` to `longest`; null: s6's rule. */
  readonly delay: { readonly first: number; readonly longest: number } | null;
  /** More deaths than `count` within `window` milliseconds: it has failed. */
  readonly limit: { readonly count: number; readonly window: number } | null;
}

export function readRestartRules(files: ServiceFiles, warn: (message: string) => void): RestartRules {
  const policy = files.line('restart') ?? 'always';
  const known = RESTART_POLICIES.find((candidate) => candidate === policy);
  if (known === undefined)
    warn(`invalid restart: ${JSON.stringify(policy)} is not one of ${RESTART_POLICIES.join(', ')}`);
  return {
    policy: known ?? 'always',
    delay: parsed('restart-delay', files, warn, parseDelay),
    limit: parsed('restart-limit', files, warn, parseLimit),
  };
}

/** `1000`, or `200..60000`. */
export function parseDelay(text: string): RestartRules['delay'] {
  const match = /^(\d{1,9})(?:\.\.(\d{1,9}))?$/.exec(text);
  if (match === null) return null;
  const first = Number(match[1]);
  return { first, longest: Math.max(first, Number(match[2] ?? first)) };
}

/** `5/60s`, `5/2m`, `5/1500` (milliseconds). */
export function parseLimit(text: string): RestartRules['limit'] {
  const match = /^(\d{1,9})\/(\d{1,9})(ms|s|m|h)?$/.exec(text);
  if (match === null) return null;
  const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
  return { count: Number(match[1]), window: Number(match[2]) * units[(match[3] ?? 'ms') as keyof typeof units] };
}

/** Delay after the `streak`-th death in a row (1: the first). */
export function delayAfter(delay: { readonly first: number; readonly longest: number }, streak: number): number {
  return Math.min(delay.longest, delay.first * 2 ** Math.min(40, streak - 1));
}

/**
 * Whether `deaths` (milliseconds since the epoch, the newest last) are too many. Those that are still to come do not count:
 * the clock has been set back.
 */
export function isOverLimit(
  limit: NonNullable<RestartRules['limit']>,
  deaths: readonly number[],
  now: number,
): boolean {
  return deaths.filter((at) => at > now - limit.window && at <= now).length > limit.count;
}

function parsed<T>(
  name: string,
  files: ServiceFiles,
  warn: (message: string) => void,
  parse: (text: string) => T | null,
): T | null {
  const text = files.line(name);
  if (text === undefined) return null;
  const value = parse(text);
  if (value === null) warn(`invalid ${name}: ${JSON.stringify(text)}`);
  return value;
}
