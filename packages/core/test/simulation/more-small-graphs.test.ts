import { expect, test } from 'vitest';
import { simulateMany } from './runs.ts';

test('60,000 storms more over 2 to 11 services break no rule', async () => {
  const { runs } = await simulateMany(60_000, 60_000, (seed) => 2 + (seed % 10));
  expect(runs).toBeGreaterThanOrEqual(60_000);
}, 600_000);
