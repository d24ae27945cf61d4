/**
 * Every directory in fixtures/ with a file `command` is a case: the built command is run there, and must print exactly
 * what `stdout` and `stderr` hold and end with the status in `exit`. MUSTER_RECORD=1 writes these files instead.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const repository = join(import.meta.dirname, '../../..');
const fixtures = join(repository, 'fixtures');

const cases = readdirSync(fixtures, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('/command') && !path.includes('/source/'))
  .map((path) => dirname(path))
  .sort();

test.each(cases)('%s', (name) => {
  const directory = join(fixtures, name);
  const [program, ...args] = readFileSync(join(directory, 'command'), 'utf8').trim().split(/\s+/);
  const ran = spawnSync(join(repository, 'build', program!), args, { cwd: directory, encoding: 'utf8' });
  const actual = { stdout: ran.stdout, stderr: ran.stderr, exit: `${ran.status}\n` };
  if (process.env.MUSTER_RECORD === '1')
    for (const [file, text] of Object.entries(actual)) writeFileSync(join(directory, file), text);
  const expected = (file: string) =>
    existsSync(join(directory, file)) ? readFileSync(join(directory, file), 'utf8') : '';
  expect(actual).toEqual({ stdout: expected('stdout'), stderr: expected('stderr'), exit: expected('exit') });
});
