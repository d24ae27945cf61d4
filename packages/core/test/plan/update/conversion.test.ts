import { expect, test } from 'vitest';
import { parseConversion } from '../../../src/plan/update/conversion.ts';
import { failure } from '../../../src/result.ts';
import { databaseOf } from './database-of.ts';

const old = databaseOf({ a: {}, b: {}, 'c d': {} }, { alias: ['b'], both: ['a', 'b'] });
const parse = (text: string) => parseConversion(new TextEncoder().encode(text), old);

test('names are converted, and restarts asked for, by the words of each line', () => {
  const read = parse('# a file\n\na -> x restart\n  "c d"\t-> "y z" # why\nalias restart');
  if (!read.ok) throw new Error(JSON.stringify(read.problem));
  const { renames, restarts } = read.value;
  expect([...renames]).toEqual([
    [0, { name: 'x', line: 3 }],
    [2, { name: 'y z', line: 4 }],
  ]);
  expect([...restarts]).toEqual([0, 1]);
});

test('a line that mentions a service asks for nothing', () => {
  expect(parse('a\n')).toEqual({ ok: true, value: { renames: new Map(), restarts: new Set() } });
});

test('everything that is wrong is said, in the order of the lines', () => {
  expect(parse('ghost restart\nboth restart\na restart\nb {\na restart\nb reload\n')).toEqual(
    failure([
      { kind: 'unknown-old-service', name: 'ghost', line: 1 },
      { kind: 'old-is-a-bundle', name: 'both', line: 2 },
      { kind: 'conversion-syntax', line: 4, detail: 'the text ends right after this {' },
      { kind: 'listed-twice', name: 'a', line: 5, before: 3 },
      { kind: 'unknown-keyword', name: 'reload', line: 6 },
    ]),
  );
});
