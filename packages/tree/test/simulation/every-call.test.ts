/** The tree is killed at each of its system calls in turn, while one service starts, becomes ready, dies and is restarted. */
import { expect, test } from 'vitest';
import { RELIABLE, type Temper } from './daemon.ts';
import { alone, calmly, type Scenario } from './scenario.ts';
import { PLAIN, type Settings } from './settings.ts';
import { simulate } from './simulate.ts';

/** More than the tree makes until the service has died for the third time. */
const CALLS = 220;
/** More than it makes from an order to stop until the service is down. */
const CALLS_TO_STOP = 30;

/** Ready after some milliseconds, or dead before that. */
const dying: Temper = { ...RELIABLE, failure: 0.5, gasp: 0.5, slow: 200 };

function scenario(seed: number, settings: Settings, call: number): Scenario {
  return {
    ...alone(seed, settings, dying),
    requests: [{ ...calmly, at: 0, goal: 'up' }],
    faults: [{ at: 0, fault: 'kill the tree', call, fork: undefined, away: 20, usurped: false }],
  };
}

test.each([
  ['restarted at once, again and again', PLAIN],
  ['restarted after a finish', { ...PLAIN, hasFinish: true }],
  ['given up after two deaths', { ...PLAIN, limit: { count: 1, window: 60_000 } }],
  ['given up, with a finish', { ...PLAIN, hasFinish: true, limit: { count: 0, window: 60_000 } }],
] as const)('%s', async (_, settings) => {
  let runs = 0;
  for (let seed = 1; seed <= 3; seed++)
    for (let call = 1; call <= CALLS; call++, runs++) await simulate(scenario(seed, settings, call));
  expect(runs).toBe(3 * CALLS);
});

test.each([
  ['is given up at the first death that nobody asked for', { ...PLAIN, limit: { count: 0, window: 60_000 } }],
  ['is killed after a while', { ...PLAIN, limit: { count: 0, window: 60_000 }, timeoutKill: 100 }],
] as const)('it is told to stop a service that %s', async (_, settings) => {
  for (let call = 1; call <= CALLS_TO_STOP; call++) {
    await simulate({
      ...alone(call, settings, { ...RELIABLE, slow: 200 }),
      requests: [
        { ...calmly, at: 0, goal: 'up' },
        { ...calmly, at: 1000, goal: 'down' },
      ],
      faults: [{ at: 990, fault: 'kill the tree', call, fork: undefined, away: 5, usurped: false }],
    });
  }
});
