/** What an update was given wrong, as people and programs are told. */
import { CODES } from '@muster/core/diagnostics/codes';
import { diagnosticOf, type UpdateProblem } from '@muster/core/plan/update/problem';
import { expect, test } from 'vitest';

const PROBLEMS: readonly UpdateProblem[] = [
  { kind: 'conversion-syntax', line: 4, detail: 'the text ends right after this {' },
  { kind: 'unknown-keyword', line: 6, name: 'reload' },
  { kind: 'unknown-old-service', line: 1, name: 'ghost' },
  { kind: 'old-is-a-bundle', line: 2, name: 'both' },
  { kind: 'listed-twice', line: 5, name: 'a', before: 3 },
  { kind: 'undefined-new-service', line: 7, name: 'x' },
  { kind: 'two-become-one', line: 8, olds: ['a', 'b'], name: 'x' },
  { kind: 'one-becomes-two', name: 'a', news: ['y', 'z'] },
];

test('each kind has a code of updates, and a way out', () => {
  const codes = PROBLEMS.map((problem) => diagnosticOf(problem, 'names').code);
  expect(codes).toEqual(Object.values(CODES).filter((code) => code.startsWith('RC4')));
  for (const problem of PROBLEMS)
    expect(diagnosticOf(problem, 'names')).toMatchObject({ severity: 'error', hint: expect.stringMatching(/./) });
});

test('a line of the conversion file is the place, and that before it a note', () => {
  expect(diagnosticOf(PROBLEMS[4]!, 'names')).toMatchObject({
    code: 'RC4005',
    at: { file: 'names', line: 5 },
    notes: [{ at: { file: 'names', line: 3 } }],
  });
  expect(diagnosticOf(PROBLEMS[7]!, 'names').at).toBe(undefined);
  expect(diagnosticOf({ kind: 'two-become-one', line: 0, olds: ['a', 'b'], name: 'x' }, 'names').at).toBe(undefined);
});
