/** Where rc-compile writes. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { callCommand } from '../../src/arguments/call.ts';
import { EXIT } from '../../src/exit-codes.ts';

const SITE = join(import.meta.dirname, '../../../../fixtures/site/source');
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'muster-'));
  for (const stream of ['stdout', 'stderr'] as const) vi.spyOn(process[stream], 'write').mockReturnValue(true);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true });
});

test('the usual place of the database is made when it is missing', async () => {
  const compiled = join(directory, 'state/rc/compiled');
  vi.stubEnv('RC_SOURCE', SITE);
  vi.stubEnv('RC_COMPILED', compiled);
  expect(await callCommand('rc-compile', [])).toBe(EXIT.success);
  expect(existsSync(compiled)).toBe(true);
});

test('a place that the command line names must be there', async () => {
  const compiled = join(directory, 'typo/compiled');
  expect(await callCommand('rc-compile', [SITE, compiled])).toBe(EXIT.systemCall);
  expect(existsSync(join(directory, 'typo'))).toBe(false);
});
