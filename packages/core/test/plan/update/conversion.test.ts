import { expect, test } from 'vitest';
import { parseConversion } from '../../../src/plan/update/conversion.ts';
import { databaseOf } from './database-of.ts';

const old = databaseOf({ a: {}, b: {}, 'c d': {} }, { alias: ['b'], both: ['a', 'b'] });
const parse = (text: string) => parseConversion(new TextEncoder().encode(text), old);

test('names are converted, and restarts asked for, by the words of each line', () => {
  const { conversion, problems } = parse('# a file\n\na -> x restart\n  "c d"\t-> "y z" # why\nalias restart');
  expect(problems).toEqual([]);
  expect([...conversion.renames]).toEqual([
    [0, { name: 'x', line: 3 }],
    [2, { name: 'y z', line: 4 }],
  ]);
  expect([...conversion.restarts]).toEqual([0, 1]);
});

test('a line that mentions a service asks for nothing', () => {
  expect(parse('a\n')).toEqual({ conversion: { renames: new Map(), restarts: new Set() }, problems: [] });
});

test('everything that is wrong is said, in the order of the lines', () => {
  expect(parse('ghost restart\nboth restart\na restart\nb {\na restart\nb reload\n').problems).toEqual([
    { kind: 'unknown-old-service', name: 'ghost', line: 1 },
    { kind: 'old-is-a-bundle', name: 'both', line: 2 },
    { kind: 'conversion-syntax', line: 4, detail: 'the text ends right after this {' },
    { kind: 'listed-twice', name: 'a', line: 5, before: 3 },
    { kind: 'unknown-keyword', name: 'reload', line: 6 },
  ]);
});
