/** What is said of a file must be what the kernel does with it. */
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { whyNotExecutable } from '@muster/supervisors/unexecutable';
import { afterAll, expect, test } from 'vitest';

const directory = mkdtempSync(join(tmpdir(), 'muster-executable-'));
afterAll(() => rmSync(directory, { recursive: true }));

const interpreter = join(directory, 'plain');
writeFileSync(interpreter, '#!/bin/sh\n', { mode: 0o644 });

const CASES: readonly (readonly [what: string, text: string, mode: number, why: RegExp | null])[] = [
  ['a script', '#!/bin/sh\nexit 0\n', 0o755, null],
  ['a script with a blank and an argument', '#! /bin/sh -e\nexit 0\n', 0o755, null],
  ['a relative interpreter', '#!./sh\nexit 0\n', 0o755, null],
  ['no shebang', 'echo hi\n', 0o755, /what interprets it/],
  ['nothing', '', 0o755, /what interprets it/],
  ['an interpreter that is not there', '#!/nowhere/sh\n', 0o755, /interpreter \/nowhere\/sh does not exist$/],
  ['carriage returns', '#!/bin/sh\r\nexit 0\r\n', 0o755, /\/bin\/sh\\r does not exist, .*carriage returns/],
  ['an interpreter that is not executable', `#!${interpreter}\n`, 0o755, /plain is not executable/],
  ['no interpreter', '#!\nexit 0\n', 0o755, /no interpreter/],
  ['no execute bit', '#!/bin/sh\n', 0o644, /chmod/],
];

test.each(CASES)('%s', (_, text, mode, why) => {
  copyFileSync('/bin/sh', join(directory, 'sh'));
  const path = join(directory, 'run');
  writeFileSync(path, text);
  chmodSync(path, mode);
  const { error } = spawnSync(path, { cwd: directory });
  const said = whyNotExecutable(path);
  if (why === null) expect([said, error]).toEqual([null, undefined]);
  else expect(said).toMatch(why);
  if (why !== null) expect(error).toBeDefined();
});

test('a program, a directory, and nothing at all', () => {
  expect(whyNotExecutable('/bin/sh')).toBe(null);
  mkdirSync(join(directory, 'd'));
  expect(whyNotExecutable(join(directory, 'd'))).toBe('it is not a file');
  expect(whyNotExecutable(join(directory, 'gone'))).toBe('there is no such file');
});
