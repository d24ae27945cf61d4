import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { outputFileSync } from 'fs-extra/esm';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isFree, writeSource } from '../../src/write/write-source.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'muster-import-'));
});
afterEach(() => rmSync(root, { recursive: true }));

test('files are written with the directories that they need, their bytes and their modes', () => {
  const bytes = Uint8Array.of(0, 255, 10);
  writeSource(join(root, 'new/source'), [
    { path: 'a/data/deep/file', kind: 'file', bytes, mode: 0o640 },
    { path: 'a/run', kind: 'file', bytes: Buffer.from('#!/bin/sh\n'), mode: 0o755 },
  ]);
  expect(new Uint8Array(readFileSync(join(root, 'new/source/a/data/deep/file')))).toEqual(bytes);
  expect(statSync(join(root, 'new/source/a/data/deep/file')).mode & 0o777).toBe(0o640);
  expect(statSync(join(root, 'new/source/a/run')).mode & 0o777).toBe(0o755);
  expect(readdirSync(join(root, 'new/source/a')).sort()).toEqual(['data', 'run']);
});

test('a link is made as it was, also if it leads nowhere', () => {
  writeSource(root, [{ path: 'a/data/link', kind: 'link', target: '../nowhere' }]);
  expect(lstatSync(join(root, 'a/data/link')).isSymbolicLink()).toBe(true);
  expect(readlinkSync(join(root, 'a/data/link'))).toBe('../nowhere');
});

test('a place is free if nothing is there, or nothing in it', () => {
  expect(isFree(join(root, 'missing'))).toBe(true);
  mkdirSync(join(root, 'empty'));
  expect(isFree(join(root, 'empty'))).toBe(true);
  outputFileSync(join(root, 'used/file'), '');
  expect(isFree(join(root, 'used'))).toBe(false);
});

test('only rc-import loads fs-extra, which would cost other commands a part of their start', () => {
  const packages = join(import.meta.dirname, '../../..');
  const sources = readdirSync(packages, { recursive: true, encoding: 'utf8' }).filter(
    (path) => /^\w+\/src\/.*\.ts$/.test(path) && !path.includes('node_modules'),
  );
  expect(sources.length).toBeGreaterThan(200);
  const naming = (text: string) =>
    sources.filter((path) => readFileSync(join(packages, path), 'utf8').includes(text)).sort();
  expect(naming('fs-extra')).toEqual(['import/src/write/write-source.ts']);
  expect(naming('write/write-source').sort()).toEqual([
    'cli/src/commands/import-runit.ts',
    'container/src/s6-overlay/extension.ts',
  ]);
  expect(naming('./write-source')).toEqual(['import/src/write/update.ts']);
  expect(naming("} from '@muster/import/write/update'")).toEqual([
    'cli/src/commands/import-runit.ts',
    'cli/src/commands/import.ts',
    'cli/src/render/import-report.ts',
  ]);
});
