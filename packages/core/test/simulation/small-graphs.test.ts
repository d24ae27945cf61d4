import { expect, test } from 'vitest';
import { simulateMany } from './runs.ts';
import { simulate } from './simulate.ts';

test('50,000 storms over 2 to 11 services break no rule', async () => {
  const { runs } = await simulateMany(0, 50_000, (seed) => 2 + (seed % 10));
  expect(runs).toBeGreaterThanOrEqual(50_000);
}, 600_000);

test('a seed replays exactly', async () => {
  for (const seed of [7, 4711, 90210]) expect(await simulate(seed, 9)).toEqual(await simulate(seed, 9));
  expect(await simulate(1, 9)).not.toEqual(await simulate(2, 9));
});
