/** What the author of a simulated service wrote into its directory, and what follows from it. */
import { PLAIN_LONGRUN } from '@muster/core/compile/longrun';
import type { Definition } from '@muster/core/model/definition';
import { ALWAYS, type RestartDelay, type RestartLimit, type RestartPolicy } from '@muster/core/model/restart-policy';
import type { Random } from '@muster/core/test/simulation/random';

export interface Settings {
  readonly readiness: 'none' | 'notification' | 'check' | 'after';
  /** Milliseconds. */
  readonly readyAfter: number;
  readonly hasReadiness: boolean;
  readonly policy: RestartPolicy['policy'];
  /** Null: s6's rule. */
  readonly delay: RestartDelay | null;
  readonly limit: RestartLimit | null;
  readonly successCodes: readonly string[];
  /** Deaths in a row before readiness. */
  readonly retries: number | null;
  readonly factor: number;
  readonly timeoutKill: number;
  readonly hasFinish: boolean;
  /** Its finish may say that it is not to be started again. */
  readonly mayResign: boolean;
  /** From a death to the next start, in milliseconds. */
  readonly longestDelay: number;
}

/** With no rule but that it says when it is ready, and is started again at once. */
export const PLAIN: Settings = {
  readiness: 'notification',
  readyAfter: 0,
  hasReadiness: true,
  policy: 'always',
  delay: { delayMin: 0, delayMax: 0 },
  limit: null,
  successCodes: ['0'],
  retries: null,
  factor: 2,
  timeoutKill: 0,
  hasFinish: false,
  mayResign: false,
  longestDelay: 1000,
};

export function settingsOf(random: Random, { deaf, mayResign }: { deaf: boolean; mayResign: boolean }): Settings {
  const readiness = random.pick(['none', 'notification', 'notification', 'notification', 'check', 'after'] as const);
  const delayMin = random.pick([0, 50, 400]);
  const delay = random.chance(0.6) ? { delayMin, delayMax: delayMin * random.pick([1, 1, 8]) } : null;
  const limit = random.chance(0.4) ? { count: random.between(0, 4), window: random.pick([500, 5000, 60_000]) } : null;
  return {
    readiness,
    readyAfter: readiness === 'after' ? random.pick([10, 700]) : 0,
    hasReadiness: readiness !== 'none',
    policy: random.pick(['always', 'always', 'always', 'on-failure', 'never'] as const),
    delay,
    limit,
    successCodes: ['0'],
    retries: null,
    factor: 2,
    timeoutKill: deaf || random.chance(0.3) ? random.pick([100, 1500]) : 0,
    hasFinish: random.chance(0.5),
    mayResign,
    longestDelay: Math.max(1000, delay?.delayMax ?? 0),
  };
}

/** Drawn by themselves: the histories whose seeds tests name stay what they were. */
export function withEnds(settings: Settings, random: Random): Settings {
  return {
    ...settings,
    successCodes: random.pick([['0'], ['0'], ['0', '1'], ['SEGV']]),
    retries: random.chance(0.3) ? random.between(0, 3) : null,
    factor: random.pick([2, 2, 1, 3]),
  };
}

/** The files of its service directory. */
export function filesOf(settings: Settings): Map<string, string> {
  const { readiness, readyAfter, policy, delay, limit, successCodes, retries, factor, timeoutKill, hasFinish } =
    settings;
  const files = new Map([
    ['run', '#!/bin/true'],
    ['down', ''],
  ]);
  if (readiness === 'notification') files.set('notification-fd', '3\n');
  if (readiness === 'check') files.set('ready-check', '').set('ready-check-interval', '50\n');
  if (readiness === 'after') files.set('ready-after', `${readyAfter}\n`);
  if (policy !== 'always') files.set('restart', `${policy}\n`);
  if (delay !== null) files.set('restart-delay', `${delay.delayMin}..${delay.delayMax}\n`);
  if (limit !== null) files.set('restart-limit', `${limit.count}/${limit.window}\n`);
  if (successCodes.join() !== '0') files.set('success-codes', `${successCodes.join(' ')}\n`);
  if (retries !== null) files.set('start-retries', `${retries}\n`);
  if (factor !== 2) files.set('restart-delay-factor', `${factor}\n`);
  if (timeoutKill > 0) files.set('timeout-kill', `${timeoutKill}\n`);
  if (hasFinish) files.set('finish', '#!/bin/true');
  return files;
}

export function definitionOf({ policy, delay, limit, successCodes, retries }: Settings): Definition {
  const restart = { ...ALWAYS, policy, ...delay, limit, successCodes };
  return { ...PLAIN_LONGRUN, restart, startRetries: retries };
}
