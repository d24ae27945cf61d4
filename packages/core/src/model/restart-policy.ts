/**
 * `restart`, `restart-delay`, `restart-limit`, `success-codes`: what happens after a longrun dies. The compiler reads them in definitions, the
 * embedded tree in service directories.
 */
import { duration } from './duration.ts';

export const RESTART_POLICIES = ['always', 'on-failure', 'never'] as const;

/** `restart-delay-factor`: at least 1, by which the delay stays what it is. */
export const USUAL_FACTOR = 2;
export const GREATEST_FACTOR = 100;

/** Milliseconds; the delay grows from `delayMin` to `delayMax`. */
export interface RestartDelay {
  readonly delayMin: number;
  readonly delayMax: number;
}

/** More deaths than `count` within `window` milliseconds: the service has failed. */
export interface RestartLimit {
  readonly count: number;
  readonly window: number;
}

export interface RestartPolicy extends RestartDelay {
  readonly policy: (typeof RESTART_POLICIES)[number];
  readonly limit: RestartLimit | null;
  /** Ends that are no failure: exit codes, and names of signals without `SIG`. */
  readonly successCodes: readonly string[];
}

/** As s6 does it: always, one second after the last start at the earliest, without end. */
export const ALWAYS: RestartPolicy = {
  policy: 'always',
  delayMin: 1000,
  delayMax: 1000,
  limit: null,
  successCodes: ['0'],
};

export function isUsualSuccess({ successCodes }: Pick<RestartPolicy, 'successCodes'>): boolean {
  return successCodes.length === 1 && successCodes[0] === '0';
}

/** Words of a line, as a service directory has them. */
export function parseSuccessCodes(text: string): readonly string[] | null {
  const words = text.split(/\s+/).filter(Boolean);
  return words.length > 0 && words.every((word) => /^(?:[0-9]{1,3}|[A-Z][A-Z0-9]*)$/.test(word)) ? words : null;
}

/** `1000`, or `200..60000`; null if it is neither. */
export function parseRestartDelay(text: string): RestartDelay | null {
  const [from = '', to = from, more] = text.split('..');
  const delayMin = duration(from);
  const delayMax = duration(to);
  if (delayMin === null || delayMax === null || delayMin > delayMax || more !== undefined) return null;
  return { delayMin, delayMax };
}

/** `5/60s`, `5/1500` (milliseconds); null if it is not such a text. */
export function parseRestartLimit(text: string): RestartLimit | null {
  const [, count, time = ''] = /^([0-9]{1,9})\/(.+)$/.exec(text) ?? [];
  const window = duration(time);
  return count === undefined || window === null || window === 0 ? null : { count: Number(count), window };
}
