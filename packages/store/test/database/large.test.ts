import { compile } from '@muster/core/compile/compile';
import type { SourceDefinition, SourceEntry, SourceTree } from '@muster/core/compile/source';
import { faultsOf } from '@muster/core/model/soundness';
import { decode } from '@muster/store/database/decode';
import { definitionEncoding } from '@muster/store/database/definition-encoding';
import { encode } from '@muster/store/database/encode';
import { expect, test } from 'vitest';

const SERVICES = 100_000;
const LAYER = 300;

test.each([
  { shape: 'a chain', needs: (i: number) => (i === 0 ? [] : [i - 1]), edges: SERVICES - 1 },
  {
    shape: 'layers',
    needs: (i: number) => (i < LAYER ? [] : [i - LAYER, i - LAYER + ((LAYER - (i % LAYER) - 1) >> 1)]),
    edges: undefined,
  },
])('100,000 services in $shape compile, and are read back', ({ needs, edges }) => {
  const { database, diagnostics } = compile([generated(needs)], { encoding: definitionEncoding });
  expect(diagnostics).toEqual([]);
  const decoded = decode(encode(database!).bytes);
  if (!decoded.ok) throw new Error(decoded.problem.message);
  expect(decoded.value.database.names).toHaveLength(SERVICES);
  if (edges !== undefined) expect(decoded.value.database.needs.targets).toHaveLength(edges);
  expect(faultsOf(decoded.value.database, definitionEncoding)).toEqual([]);
});

const ONESHOT = file('oneshot\n');
const UP = file('true\n');
const PRESENT: SourceEntry = { kind: 'present' };

function generated(needs: (i: number) => readonly number[]): SourceTree {
  function* definitions(): Generator<SourceDefinition> {
    for (let i = 0; i < SERVICES; i++) {
      const dependencies = new Map(needs(i).map((other) => [`service-${other}`, PRESENT]));
      const entries = new Map<string, SourceEntry>([
        ['type', ONESHOT],
        ['up', UP],
        ['dependencies.d', { kind: 'directory', mode: 0o755, entries: dependencies }],
      ]);
      yield { name: `service-${i}`, path: `source/service-${i}`, entries };
    }
  }
  return { path: 'source', definitions: definitions(), problems: [], plainFiles: [] };
}

function file(text: string): SourceEntry {
  return { kind: 'file', mode: 0o644, bytes: new TextEncoder().encode(text) };
}
