/** Where rc-compile writes. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BOUNDED } from '@muster/supervise/test/bounded';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EXIT } from '../../src/exit-codes.ts';

const ROOT = join(import.meta.dirname, '../../../..');
const SITE = join(ROOT, 'fixtures/site/source');
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'muster-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function rcCompile(args: string[], environment: Record<string, string> = {}) {
  const env = { ...process.env, ...environment };
  return spawnSync(join(ROOT, 'build/rc-compile'), args, { ...BOUNDED, env, encoding: 'utf8' });
}

test('the usual place of the database is made when it is missing', () => {
  const compiled = join(directory, 'state/rc/compiled');
  expect(rcCompile([], { RC_SOURCE: SITE, RC_COMPILED: compiled }).status).toBe(EXIT.success);
  expect(existsSync(compiled)).toBe(true);
});

test('a place that the command line names must be there', () => {
  const compiled = join(directory, 'typo/compiled');
  const { status, stderr } = rcCompile([SITE, compiled]);
  expect(stderr).toBe(`rc-compile: open ${compiled}: ENOENT\n`);
  expect(status).toBe(EXIT.systemCall);
  expect(existsSync(join(directory, 'typo'))).toBe(false);
});
