import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { earlierNames, type Renames, readGenerations, writeGenerations } from '../../src/live/generations.ts';

const generation = (renames: Renames, began = 1) => ({
  hash: 'abc',
  since: '2026-01-01T00:00:00.000Z',
  began,
  renames,
});

test('generations are read as they were written, whatever services are called', () => {
  const directory = mkdtempSync(join(tmpdir(), 'muster-generations-'));
  const file = join(directory, 'generations');
  const written = [
    generation([], 0),
    generation([
      ['a b', '__proto__'],
      ['ü "', 'x'],
    ]),
  ];
  writeGenerations(file, written);
  expect(readGenerations(file)).toEqual(written);
  writeFileSync(file, 'abc 2026-01-01T00:00:00.000Z\nabc 2026-01-01T00:00:00.000Z {"began":1,"renames":[["a"]]}\n');
  expect(readGenerations(file)).toEqual([generation([], 0), generation([], 0)]);
  rmSync(directory, { recursive: true });
});

test.each<[string, Renames[], number, [string, string][]]>([
  ['nothing was renamed', [[], []], 1, []],
  ['one', [[], [['a', 'b']]], 1, [['b', 'a']]],
  ['one, twice', [[], [['a', 'b']], [['b', 'c']]], 2, [['c', 'a']]],
  ['and back', [[], [['a', 'b']], [['b', 'a']]], 2, []],
  ['only the last step', [[], [['a', 'b']], [['b', 'c']]], 1, [['c', 'b']]],
  [
    'before something else was',
    [[], [['a', 'b']], [['x', 'y']]],
    2,
    [
      ['y', 'x'],
      ['b', 'a'],
    ],
  ],
  [
    'two that swapped',
    [
      [],
      [
        ['a', 'b'],
        ['b', 'a'],
      ],
    ],
    1,
    [
      ['b', 'a'],
      ['a', 'b'],
    ],
  ],
  ['a name that another one has had since', [[], [['w', 'x']], [['z', 'x']]], 2, [['x', 'z']]],
  ['more steps than there were', [[], [['a', 'b']]], 9, [['b', 'a']]],
])('earlier names: %s', (_name, steps, back, expected) => {
  const generations = steps.map((renames) => generation(renames));
  expect([...earlierNames(generations, back)].sort()).toEqual(expected.sort());
});
