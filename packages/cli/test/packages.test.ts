/** Commands start fast because they load little: other people's packages only where they do something. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { daemon, oneshot } from './update/definitions.ts';
import { TestSite } from './update/test-site.ts';

const site = new TestSite();
const notes = join(site.root, 'notes');
const preload = join(import.meta.dirname, 'note-packages.ts');
const main = join(import.meta.dirname, '../src/main.ts');

/** Names of the packages that `muster WORDS`, run from its sources, loads; it must succeed. */
function packagesOf(...words: string[]): string[] {
  rmSync(notes, { force: true });
  const ran = spawnSync(process.execPath, ['--preload', preload, main, ...words], {
    env: { ...site.environment, MUSTER_TEST_NOTES: notes },
    encoding: 'utf8',
  });
  expect(`${ran.status} ${ran.stderr}`, words.join(' ')).toMatch(/^0 /);
  const files = existsSync(notes) ? readFileSync(notes, 'utf8').trim().split('\n') : [];
  return [...new Set(files.map((file) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? file))].sort();
}

beforeAll(() => site.boot({ ...daemon('web'), ...oneshot('disk', 'true') }, ['web']));
afterAll(() => site.remove());

test('what looks at no definition does not load what reads them', () => {
  for (const words of [['change', 'web', 'disk'], ['status'], ['list'], ['why', 'web'], ['change', '-d', 'web']])
    expect(packagesOf(...words), words.join(' ')).toEqual([]);
  expect(packagesOf('db', 'list')).toEqual([]);
});

test('what looks at one does', () => {
  expect(packagesOf('db', 'show', 'web')).toEqual(['msgpackr']);
  expect(packagesOf('compile', '--check', site.source)).toContain('msgpackr');
});
