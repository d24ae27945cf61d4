/**
 * Whether and when a service that died is started again: Muster's `restart`, `restart-delay`, `restart-limit`, `start-retries` and `success-codes`.
 * Without `restart-delay` the rule is s6's: at once if it has been ready for a second, else a second after its death.
 */
import {
  ALWAYS,
  parseRestartDelay,
  parseRestartLimit,
  parseSuccessCodes,
  RESTART_POLICIES,
  type RestartDelay,
  type RestartLimit,
  type RestartPolicy,
  USUAL_FACTOR,
} from '@muster/core/model/restart-policy';
import { SETTING } from '@muster/store/live/service-files';
import type { ServiceFiles } from './files.ts';

export interface RestartRules {
  readonly policy: RestartPolicy['policy'];
  /** From death to start; null means s6's rule. */
  readonly delay: RestartDelay | null;
  readonly limit: RestartLimit | null;
  readonly successCodes: readonly string[];
  /** Deaths in a row before readiness after which it is tried again; null: without end. */
  readonly retries: number | null;
  /** By which a delay that grows is multiplied. */
  readonly factor: number;
}

export function readRestartRules(files: ServiceFiles, warn: (message: string) => void): RestartRules {
  const policy = files.line(SETTING.restart) ?? 'always';
  const known = RESTART_POLICIES.find((candidate) => candidate === policy);
  if (known === undefined)
    warn(`invalid restart: ${JSON.stringify(policy)} is not one of ${RESTART_POLICIES.join(', ')}`);
  return {
    policy: known ?? 'always',
    delay: parsed(SETTING.restartDelay, files, warn, parseRestartDelay),
    limit: parsed(SETTING.restartLimit, files, warn, parseRestartLimit),
    successCodes: parsed(SETTING.successCodes, files, warn, parseSuccessCodes) ?? ALWAYS.successCodes,
    retries: files.number(SETTING.startRetries) ?? null,
    factor: Math.max(1, files.number(SETTING.restartDelayFactor) ?? USUAL_FACTOR),
  };
}

/** Delay after the `streak`-th death in a row (1: the first). */
export function delayAfter({ delayMin, delayMax }: RestartDelay, factor: number, streak: number): number {
  return Math.min(delayMax, delayMin * factor ** Math.min(40, streak - 1));
}

/** Those of `deaths` (milliseconds since boot, the newest last) that count; of too many not more than it takes. */
export function deathsWithin<Death extends { readonly at: number }>(
  { count, window }: RestartLimit,
  deaths: readonly Death[],
  now: number,
): Death[] {
  return deaths.filter(({ at }) => at > now - window).slice(-(count + 1));
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
