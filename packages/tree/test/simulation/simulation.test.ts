/** The engine and the tree together; `npm run soak simulation` has many more runs. */
import { expect, test } from 'vitest';
import { scenarioOf } from './scenario.ts';
import { simulate, simulateMany, sizeOf } from './simulate.ts';

/** Of the environment: where seeds begin, instead of 1. */
const FIRST = Number(process.env.MUSTER_SIMULATION_SEED ?? 1);

test('5,000 storms over the engine and the tree break no rule', async () => {
  const { runs } = await simulateMany(FIRST, 5000);
  expect(runs).toBe(5000);
}, 600_000);

test('a seed replays exactly', async () => {
  for (const seed of [7, 4711, 90210]) {
    const scenario = scenarioOf(seed, sizeOf(seed));
    expect(await simulate(scenario)).toEqual(await simulate(scenarioOf(seed, sizeOf(seed))));
  }
  expect(scenarioOf(1, 4)).not.toEqual(scenarioOf(2, 4));
});

test.each([
  [7149, 'a finish that was just forked is found again, though it has the pid of the process that it finishes'],
  [23078, 'a finish that was just forked is not taken for that of another service, which waits for a process'],
  [25896, 'a tree that is killed in an order to stop leaves word that the death is no failure'],
  [31449, 'a start that failed counts, though the tree was killed before it told of it'],
  [34401, 'an order to start that the tree was killed in forgives nothing'],
  [50985, 'nor does an order to stop'],
  [70009, 'a process with the pid of the one before, whose death was seen in the tick of its start'],
  [75430, 'a death that the tree saw, and was killed before it could tell of, was when it was seen'],
  [85727, 'a timer that is cancelled while the tree sleeps never rings'],
])('seed %i: %s', async (seed) => {
  await simulate(scenarioOf(seed, sizeOf(seed)));
});
