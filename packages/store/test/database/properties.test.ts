import { compile } from '@muster/core/compile/compile';
import type { SourceTree } from '@muster/core/compile/source';
import type { Database } from '@muster/core/model/database';
import { validFiles } from '@muster/core/test/compile/generated';
import { sourceOf } from '@muster/core/test/compile/sources';
import { decode } from '@muster/store/database/decode';
import { definitionEncoding } from '@muster/store/database/definition-encoding';
import { encode } from '@muster/store/database/encode';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { plain } from './plain.ts';

test('decoding gives what was encoded, and encoding that again the same bytes', () => {
  fc.assert(
    fc.property(validFiles, (files) => {
      const database = compiled([sourceOf(files)]);
      const { bytes, hash } = encode(database);
      const decoded = decode(bytes);
      if (!decoded.ok) throw new Error(decoded.problem.message);
      expect(decoded.value.hash).toBe(hash);
      expect(plain(decoded.value.database)).toEqual(plain(database));
      expect(encode(withoutPacked(decoded.value.database)).hash).toBe(hash);
    }),
    { numRuns: 150 },
  );
});

test('the order of directories, and into how many sources they are divided, do not matter', () => {
  fc.assert(
    fc.property(validFiles, fc.integer(), (files, seed) => {
      const one = encode(compiled([sourceOf(files)])).hash;
      const paths = [...files].sort(([a], [b]) => mixed(a, seed) - mixed(b, seed));
      const tree = sourceOf(new Map(paths));
      expect(encode(compiled([tree])).hash).toBe(one);
      const definitions = [...tree.definitions];
      const parts: SourceTree[] = [0, 1].map((part) => ({
        ...tree,
        path: `part-${part}`,
        definitions: definitions.filter(({ name }) => (mixed(name, seed) & 1) === part),
      }));
      expect(encode(compiled(parts)).hash).toBe(one);
    }),
    { numRuns: 100 },
  );
});

function compiled(trees: readonly SourceTree[]): Database {
  return compile(trees, { encoding: definitionEncoding }).database!;
}

/** So that every definition is decoded and encoded anew. */
function withoutPacked(database: Database): Database {
  const { packed: _packed, ...columns } = database as Database & { packed?: unknown };
  return columns;
}

function mixed(text: string, seed: number): number {
  let hash = seed | 0;
  for (const character of text) hash = (Math.imul(hash, 31) + character.codePointAt(0)!) | 0;
  return hash;
}
