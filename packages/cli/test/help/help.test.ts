/** `muster help WORD`: everything that a definition may hold, and everything that can be complained about, is explained. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { KNOWN_FILES } from '@muster/core/compile/known-files';
import { CODES } from '@muster/core/diagnostics/codes';
import { lexer } from 'marked';
import { expect, test } from 'vitest';
import { passagesFor } from '../../src/help/help.ts';
import { textOf } from '../../src/help/markdown.ts';

test.each([...KNOWN_FILES.keys()])('the file %s of a definition is explained', (file) => {
  expect(passagesFor(file).join('\n')).toContain(file);
});

test.each(Object.values(CODES))('the diagnostic %s is explained', (code) => {
  expect(passagesFor(code).join('\n')).toContain(code);
});

test('a row of a table: what it says, and below which headings it stands', () => {
  expect(passagesFor('notification-fd')[0]).toBe(
    [
      'Writing definitions > Longruns',
      '',
      'notification-fd',
      '    the daemon writes a newline to this descriptor when it is ready',
    ].join('\n'),
  );
});

test('a word of a page on words: without where it is defined in the code', () => {
  expect(passagesFor('bundle').join('\n')).toContain('bundle\n    a name for several services');
  expect(passagesFor('bundle').join('\n')).not.toContain('packages/');
});

test('no line of text is wider than a terminal', () => {
  for (const word of ['restart-limit', 'RC1001', 'logs', 'templates'])
    for (const line of passagesFor(word).join('\n').split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
});

test('what is emphasized or verbatim is plain text, and a list hangs', () => {
  expect(textOf(lexer('A `verbatim` **bold** [link](x.md).\n\n- one\n- two'))).toBe(
    'A verbatim bold link.\n\n- one\n- two',
  );
});

test.each(['', '__proto__', 'constructor', '/', 'zzz', '`'])('of %j nothing is known', (word) => {
  expect(passagesFor(word)).toEqual([]);
});

const ROOT = join(import.meta.dirname, '../../../..');
/** The executable by itself, in a directory without docs/. */
function muster(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(join(ROOT, 'build/muster'), args, { encoding: 'utf8', cwd: '/' });
  return { status, stdout, stderr };
}

test('the executable alone answers for commands, files and diagnostics', () => {
  expect(muster('help', 'rc-status')).toEqual(muster('help', 'status'));
  expect(muster('help', 'status').stdout).toBe(muster('status', '--help').stdout);
  expect(muster('help', 'notification-fd').stdout).toBe(`${passagesFor('notification-fd').join('\n\n')}\n`);
  expect(muster('help', 'RC1004', 'run')).toMatchObject({ status: 0, stderr: '' });
});

test('for what is unknown it says what is like it', () => {
  expect(muster('help', 'statsu')).toEqual({
    status: 1,
    stdout: '',
    stderr: "muster: nothing is known of 'statsu'; did you mean status?\n",
  });
});
