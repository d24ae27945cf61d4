import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { programPath } from '@muster/posix/program-path';
import { afterEach, beforeEach, expect, test } from 'vitest';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'muster-path-'));
  for (const name of ['one', 'two', 'three']) mkdirSync(join(root, name));
});
afterEach(() => rmSync(root, { recursive: true }));

test('the first directory that has a file to execute is it, and the name in there', () => {
  writeFileSync(join(root, 'one/program'), '');
  chmodSync(join(root, 'one/program'), 0o644);
  mkdirSync(join(root, 'two/program'));
  writeFileSync(join(root, 'target'), '', { mode: 0o755 });
  symlinkSync('../target', join(root, 'three/program'));
  const path = ['one', 'missing', 'two', 'three'].map((name) => join(root, name)).join(':');
  expect(programPath('program', path)).toBe(join(root, 'three/program'));
  expect(programPath('other', path)).toBe(null);
});

test('a relative directory, and an empty one, is from where this process is', () => {
  writeFileSync(join(root, 'one/program'), '', { mode: 0o755 });
  const place = relative(process.cwd(), join(root, 'one'));
  expect(programPath('program', `/nowhere:${place}`)).toBe(join(root, 'one/program'));
  expect(programPath('package.json', '')).toBe(null);
});

test('without PATH, or with nothing in it that has the program, there is none', () => {
  expect(programPath('no such program')).toBe(null);
  expect(programPath('sh')).toMatch(/^\/.*\/sh$/);
});
