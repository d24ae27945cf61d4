/**
 * Every directory in fixtures/ with a file `command` is a case: the command is run there, and must print exactly what
 * `stdout` and `stderr` hold and end with the status in `exit`. MUSTER_RECORD=1 writes these files instead.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { callCommand } from '../src/arguments/call.ts';

const fixtures = join(import.meta.dirname, '../../../fixtures');
const start = process.cwd();
afterEach(() => {
  vi.restoreAllMocks();
});
afterAll(() => process.chdir(start));

const cases = readdirSync(fixtures, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('/command') && !path.includes('/source/'))
  .map((path) => relative(fixtures, join(fixtures, path, '..')))
  .sort();

test.each(cases)('%s', async (name) => {
  const directory = join(fixtures, name);
  process.chdir(directory);
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      output[stream] += text;
      return true;
    });
  const [program, ...args] = readFileSync('command', 'utf8').trim().split(/\s+/);
  const exit = await callCommand(program!, args);
  vi.restoreAllMocks();
  const actual = { ...output, exit: `${exit}\n` };
  if (process.env.MUSTER_RECORD === '1')
    for (const [file, text] of Object.entries(actual)) writeFileSync(join(directory, file), text);
  expect(actual).toEqual({ stdout: expected('stdout'), stderr: expected('stderr'), exit: expected('exit') });
});

function expected(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}
