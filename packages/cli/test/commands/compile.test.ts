/** Where rc-compile writes. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BOUNDED } from '@muster/posix/test/bounded';
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
  expect(stderr).toBe(`rc-compile: open ${compiled}: no such file or directory (ENOENT)\n`);
  expect(status).toBe(EXIT.systemCall);
  expect(existsSync(join(directory, 'typo'))).toBe(false);
});

test.each([
  ['the file to write', () => [SITE, join(directory, 'compiled')]],
  ['nothing but sources', () => [SITE]],
])('--check takes %s, and writes nothing', (_, operands) => {
  const { status, stdout } = rcCompile(['--check', ...operands()]);
  expect(stdout).toMatch(/^checked \d+ services/);
  expect(status).toBe(EXIT.success);
  expect(readdirSync(directory)).toEqual([]);
});

test('--check names the file that it took for the one to write', () => {
  const { stdout } = rcCompile(['--check', SITE, 'typo']);
  expect(stdout).toMatch(/^checked \d+ services \(.*\), and wrote nothing to typo\n$/);
});

test('--check takes any number of sources, too', () => {
  const { status, stderr } = rcCompile(['--check', SITE, SITE]);
  expect(stderr).toContain(`error[RC1002]: this source is given twice\n  ${SITE}\n`);
  expect(status).toBe(EXIT.failed);
});

test('a directory or a device in the place of the database is left alone, and named', () => {
  for (const [path, why] of [
    [directory, `replace ${directory}: it is a directory (EISDIR)`],
    ['/dev/null', 'replace the special file /dev/null: it is there already (EEXIST)'],
  ] as const)
    expect(rcCompile([SITE, path])).toMatchObject({ status: EXIT.systemCall, stderr: `rc-compile: ${why}\n` });
  expect(rcCompile([SITE, ''])).toMatchObject({ status: EXIT.usage });
  expect(readdirSync(directory)).toEqual([]);
});

const isRoot = process.getuid?.() === 0;
if (!isRoot) console.log('skipped: a file system that is read-only, which only root can mount');

test.runIf(isRoot)('where nothing can be written, it says so, and not what it could not tidy up', (context) => {
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'none', directory], { ...BOUNDED });
  if (mounted.status !== 0) {
    console.log('skipped: nothing can be mounted here');
    context.skip();
  }
  const { status, stderr } = rcCompile([SITE, join(directory, 'compiled')]);
  spawnSync('umount', [directory], { ...BOUNDED });
  expect(stderr).toBe(`rc-compile: open ${directory}/compiled: the file system is read-only (EROFS)\n`);
  expect(status).toBe(EXIT.systemCall);
});
