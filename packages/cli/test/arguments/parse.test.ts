import { expect, test } from 'vitest';
import { parse } from '../../src/arguments/parse.ts';

const OPTIONS = {
  down: { short: 'd', help: 'a switch' },
  plain: { short: 'p', help: 'another' },
  timeout: { short: 't', value: 'TIME', help: 'takes a value' },
  exclude: { value: 'REGEX', help: 'may be repeated' },
};

function read(...args: string[]) {
  const call = parse(args, OPTIONS);
  if (call === null) return null;
  const { operands } = call;
  const options = Object.keys(OPTIONS).filter((option) => call.has(option));
  return { options, operands, timeout: call.value('timeout') };
}

test.each([
  [['web', 'db'], { options: [], operands: ['web', 'db'], timeout: undefined }],
  [['-pd', 'web'], { options: ['down', 'plain'], operands: ['web'], timeout: undefined }],
  [['web', '-d'], { options: ['down'], operands: ['web'], timeout: undefined }],
  [['-t5s'], { options: ['timeout'], operands: [], timeout: '5s' }],
  [['-dt', '5s', 'web'], { options: ['down', 'timeout'], operands: ['web'], timeout: '5s' }],
  [['--timeout', '5s', '--timeout=6s'], { options: ['timeout'], operands: [], timeout: '6s' }],
  [['--timeout=', '-'], { options: ['timeout'], operands: ['-'], timeout: '' }],
  [['--timeout=a=b'], { options: ['timeout'], operands: [], timeout: 'a=b' }],
  [['-t', '-1'], { options: ['timeout'], operands: [], timeout: '-1' }],
  [['-d', '--', '-p', '--'], { options: ['down'], operands: ['-p', '--'], timeout: undefined }],
  [['-t', '--', 'web'], { options: ['timeout'], operands: ['web'], timeout: '--' }],
])('%j', (args, expected) => {
  expect(read(...args)).toEqual(expected);
});

test('values keep the order of the command line, across options', () => {
  const call = parse(['--exclude', 'a', '-t1', '--exclude=b'], OPTIONS);
  if (call === null) throw new Error('it is well formed');
  expect(call.values('exclude')).toEqual(['a', 'b']);
  expect(call.inOrder(['timeout', 'exclude'])).toEqual([
    { option: 'exclude', value: 'a' },
    { option: 'timeout', value: '1' },
    { option: 'exclude', value: 'b' },
  ]);
});
