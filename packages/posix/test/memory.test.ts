import { readFileSync } from 'node:fs';
import { releaseExecutable } from '@muster/posix/memory';
import { expect, test } from 'vitest';

test('pages of the executable are given back, and come again when they are needed', () => {
  const mapped = () => Number(/^Pss_File: +(\d+)/m.exec(readFileSync('/proc/self/smaps_rollup', 'latin1'))![1]);
  const before = mapped();
  releaseExecutable();
  expect(mapped()).toBeLessThan(before / 2);
  expect([3, 1, 2].sort().map((number) => new Date(number).toISOString()).length).toBe(3);
});
