import { expect, test } from 'vitest';
import { simulateMany } from './runs.ts';

test('50,000 storms more over 2 to 11 services break no rule', async () => {
  const { runs } = await simulateMany(50_000, 50_000, (seed) => 2 + (seed % 10));
  expect(runs).toBeGreaterThanOrEqual(50_000);
}, 600_000);
