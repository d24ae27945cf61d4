import { parseRestartDelay, parseRestartLimit } from '@muster/core/model/restart-policy';
import { expect, test } from 'vitest';

test('restart-delay is one time, or a range that does not run backwards', () => {
  expect(parseRestartDelay('1000')).toEqual({ delayMin: 1000, delayMax: 1000 });
  expect(parseRestartDelay('200..60000')).toEqual({ delayMin: 200, delayMax: 60_000 });
  expect(parseRestartDelay('4294967295')).toEqual({ delayMin: 4_294_967_295, delayMax: 4_294_967_295 });
  for (const wrong of ['', 'soon', '2..1', '1..2..3', '4294967296']) expect(parseRestartDelay(wrong)).toBeNull();
});

test('restart-limit is a number of deaths in a time', () => {
  expect(parseRestartLimit('5/60s')).toEqual({ count: 5, window: 60_000 });
  expect(parseRestartLimit('1/1500')).toEqual({ count: 1, window: 1500 });
  for (const wrong of ['5', '5/', '5/0', '/60s', '5/60s/1']) expect(parseRestartLimit(wrong)).toBeNull();
});
