/** The version stands in the root package.json, and nowhere else. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../../../..');
const versionIn = (path: string) => JSON.parse(readFileSync(join(ROOT, path, 'package.json'), 'utf8')).version;

test('what is built says the version of the root package.json, and no package has one of its own', () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  expect(version).toMatch(/^\d+\.\d+\.\d+/);
  const say = (command: string, ...args: string[]) =>
    spawnSync(join(ROOT, 'build', command), args, { encoding: 'utf8' }).stdout;
  expect(say('muster', '--version')).toBe(`muster ${version}\n`);
  expect(say('rc-status', '--version')).toBe(`rc-status (muster) ${version}\n`);
  for (const name of readdirSync(join(ROOT, 'packages')))
    expect(versionIn(join('packages', name)), name).toBeUndefined();
});
