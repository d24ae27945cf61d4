/** The tree is killed at each of its system calls in turn, while one service starts, becomes ready, dies and is restarted. */
import { expect, test } from 'vitest';
import { RELIABLE, type Temper } from './daemon.ts';
import type { Scenario } from './scenario.ts';
import type { Settings } from './settings.ts';
import { simulate } from './simulate.ts';

/** More than the tree makes until the service has died for the third time. */
const CALLS = 220;

const plain: Settings = {
  readiness: 'notification',
  readyAfter: 0,
  hasReadiness: true,
  policy: 'always',
  delay: { delayMin: 0, delayMax: 0 },
  limit: null,
  timeoutKill: 0,
  hasFinish: false,
  mayResign: false,
  longestDelay: 1000,
};
/** Ready after some milliseconds, or dead before that. */
const dying: Temper = { ...RELIABLE, failure: 0.5, gasp: 0.5, slow: 200 };

function scenario(seed: number, settings: Settings, call: number): Scenario {
  const nothing = { timeout: undefined, cancelled: undefined, killed: undefined };
  return {
    seed,
    nodes: [{ name: 's0', timeoutUp: 4000, timeoutDown: 4000 }],
    settings: new Map([['s0', settings]]),
    tempers: new Map([['s0', dying]]),
    requests: [{ at: 0, goal: 'up', names: ['s0'], ...nothing }],
    faults: [{ at: 0, fault: 'kill the tree', call, fork: undefined, away: 20, usurped: false }],
    options: { latency: 0, lost: 0, descriptorLimit: 100_000, kernelTells: true },
    isPeaceful: false,
  };
}

test.each([
  ['restarted at once, again and again', plain],
  ['restarted after a finish', { ...plain, hasFinish: true }],
  ['given up after two deaths', { ...plain, limit: { count: 1, window: 60_000 } }],
  ['given up, with a finish', { ...plain, hasFinish: true, limit: { count: 0, window: 60_000 } }],
] as const)('%s', async (_, settings) => {
  let runs = 0;
  for (let seed = 1; seed <= 3; seed++)
    for (let call = 1; call <= CALLS; call++, runs++) await simulate(scenario(seed, settings, call));
  expect(runs).toBe(3 * CALLS);
});
