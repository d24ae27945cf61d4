import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeDeaths } from '@muster/protocol/s6/death-tally';
import { deathsSince } from '@muster/supervisors/s6/restarts';
import { expect, test } from 'vitest';

test('deaths from before a service was brought up are no restarts of it', () => {
  const directory = mkdtempSync(join(tmpdir(), 'muster-'));
  const exit = { code: 0, signal: 15 };
  expect(deathsSince(directory, 0).count).toBe(0);
  mkdirSync(join(directory, 'supervise'));
  writeFileSync(
    join(directory, 'supervise/death_tally'),
    encodeDeaths([1_000, 5_000, 9_000].map((at) => ({ at, exit }))),
  );
  expect(deathsSince(directory, 0).count).toBe(3);
  expect(deathsSince(directory, 5_000).count).toBe(2);
  expect(deathsSince(directory, 9_001).count).toBe(0);
  rmSync(directory, { recursive: true });
});
