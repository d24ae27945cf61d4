import { expect, test } from 'vitest';
import { simulateMany } from './runs.ts';

test('4,000 storms over 40 services break no rule', async () => {
  const { runs } = await simulateMany(200_000, 4_000, () => 40);
  expect(runs).toBeGreaterThanOrEqual(4_000);
}, 600_000);

test('400 storms over 300 services break no rule', async () => {
  const { runs } = await simulateMany(300_000, 400, () => 300);
  expect(runs).toBeGreaterThanOrEqual(400);
}, 600_000);
