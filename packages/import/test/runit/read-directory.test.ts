/** Reading service directories of runit as they are found on machines. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readRunitDirectory } from '../../src/runit/read-directory.ts';

const NOBODY = 65_534;

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'muster-runit-'));
  mkdirSync(join(root, 'sv/web'), { recursive: true });
  writeFileSync(join(root, 'sv/web/run'), '#!/bin/sh\n', { mode: 0o755 });
});
afterEach(() => rmSync(root, { recursive: true }));

const web = () => readRunitDirectory(join(root, 'sv'))!.find(({ name }) => name === 'web')!.files;

test('a link stays as it is where it leads in the directory, and gets its whole path where it leads out of it', () => {
  symlinkSync('run', join(root, 'sv/web/again'));
  symlinkSync('../../common', join(root, 'sv/web/conf'));
  expect(web().get('again')).toEqual({ kind: 'link', target: 'run' });
  expect(web().get('conf')).toEqual({ kind: 'link', target: join(root, 'common') });
});

test('a file keeps who may read it', () => {
  writeFileSync(join(root, 'sv/web/secret'), 'x', { mode: 0o600 });
  expect(web().get('secret')).toMatchObject({ kind: 'file', mode: 0o600 });
});

test('a directory that is a link to nowhere, or cannot be read, is a service without a run', () => {
  symlinkSync('/nowhere', join(root, 'sv/gone'));
  writeFileSync(join(root, 'sv/README'), '');
  const services = readRunitDirectory(join(root, 'sv'))!;
  expect(services.map(({ name }) => name)).toEqual(['gone', 'web']);
  expect(services[0]!.files.get('run')).toMatchObject({ kind: 'other', why: expect.stringContaining('/nowhere') });
});

test('a directory that cannot be read says why', () => {
  const isRoot = process.getuid!() === 0;
  chmodSync(root, 0o755);
  chmodSync(join(root, 'sv/web'), 0);
  // Root reads everything.
  if (isRoot) process.seteuid!(NOBODY);
  const run = web().get('run');
  if (isRoot) process.seteuid!(0);
  chmodSync(join(root, 'sv/web'), 0o755);
  expect(run).toMatchObject({ kind: 'other', why: 'cannot be read: EACCES' });
});
