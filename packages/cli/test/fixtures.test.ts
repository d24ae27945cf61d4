/**
 * Every directory in fixtures/ with a file `command` is a case: its lines are run in a copy of it with the built
 * commands, and must print exactly what `stdout` and `stderr` hold and end with the statuses in `exit`. MUSTER_RECORD=1
 * writes these files instead.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BOUNDED } from '@muster/posix/test/bounded';
import { copySync } from 'fs-extra/esm';
import { afterAll, expect, test } from 'vitest';
import { temporaryDirectory } from './compile/trees.ts';

const repository = join(import.meta.dirname, '../../..');
const fixtures = join(repository, 'fixtures');
const temporary = temporaryDirectory();
afterAll(() => {
  rmSync(temporary, { recursive: true });
});

const cases = readdirSync(fixtures, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('/command') && !path.includes('/source/'))
  .map((path) => dirname(path))
  .sort();

test.each(cases)('%s', (name) => {
  const directory = join(fixtures, name);
  const place = join(temporary, name);
  copySync(directory, place);
  const actual = { stdout: '', stderr: '', exit: '' };
  for (const line of readFileSync(join(directory, 'command'), 'utf8').trim().split('\n')) {
    const [program, ...args] = line.split(' ');
    const ran = spawnSync(join(repository, 'build', program!), args, { ...BOUNDED, cwd: place, encoding: 'utf8' });
    actual.stdout += ran.stdout;
    actual.stderr += ran.stderr;
    actual.exit += `${ran.status}\n`;
  }
  if (process.env.MUSTER_RECORD === '1')
    for (const [file, text] of Object.entries(actual)) writeFileSync(join(directory, file), text);
  const expected = (file: string) =>
    existsSync(join(directory, file)) ? readFileSync(join(directory, file), 'utf8') : '';
  expect(actual).toEqual({ stdout: expected('stdout'), stderr: expected('stderr'), exit: expected('exit') });
});
