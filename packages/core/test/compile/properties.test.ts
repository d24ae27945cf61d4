import { alg, Graph } from '@dagrejs/graphlib';
import { CODES } from '@muster/core/diagnostics/codes';
import { closure } from '@muster/core/graph/closure';
import { targetsOf } from '@muster/core/graph/edges';
import { type Database, everyService, serviceId } from '@muster/core/model/database';
import { faultsOf } from '@muster/core/model/soundness';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { validFiles } from './generated.ts';
import { AS_JSON, compileFiles, type Files } from './sources.ts';

test('a valid source compiles to a database that is sound, closed and free of circles', () => {
  fc.assert(
    fc.property(validFiles, (files) => {
      const database = compiled(files);
      expect(faultsOf(database, AS_JSON)).toEqual([]);
      const graph = asGraph(database);
      expect(alg.isAcyclic(graph)).toBe(true);
      for (const id of everyService(database)) {
        const reached = alg.preorder(graph, [String(id)]).map(Number);
        expect(closure(database.needs, [id])).toEqual(reached.sort((a, b) => a - b));
      }
    }),
    { numRuns: 150 },
  );
});

test('every name is there once, in the order of its bytes', () => {
  fc.assert(
    fc.property(validFiles, (files) => {
      const { names } = compiled(files);
      const sorted = [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      expect(names).toEqual(sorted);
      expect(new Set(names).size).toBe(names.length);
    }),
    { numRuns: 100 },
  );
});

test('a source that is broken anywhere gives diagnostics with known codes, and no exception', () => {
  const known = new Set<string>(Object.values(CODES));
  const breakage = fc.record({
    path: fc.nat(),
    content: fc.oneof(
      fc.uint8Array({ maxLength: 12 }),
      fc.string({ maxLength: 12 }),
      fc.constantFrom(
        'longrun\n',
        'bundle',
        '-1',
        'ghost\n',
        '{ a',
        '"',
        '99999999999',
        's6rc-x\n',
        'x\r\n',
        'dir /a\nsize 1',
      ),
    ),
    rename: fc.option(
      fc.constantFrom(
        'type',
        'up',
        'contents',
        'producer-for',
        'consumer-for',
        'pipeline-name',
        'restart-limit',
        'log',
        'before.d/s1',
        'conflicts.d/s1',
        'dependencies.d/t@%i',
        'umask',
        'limits',
        'nice',
        'on-update',
        'template/x',
      ),
    ),
  });
  fc.assert(
    fc.property(validFiles, fc.array(breakage, { minLength: 1, maxLength: 6 }), (files, breakages) => {
      const broken = new Map<string, string | Uint8Array>(files);
      const paths = [...files.keys()];
      for (const { path, content, rename } of breakages) {
        if (paths.length === 0) break;
        const chosen = paths[path % paths.length]!;
        const target = rename === null ? chosen : `${chosen.split('/')[0]}/${rename}`;
        if ([...broken.keys()].some((other) => other.startsWith(`${target}/`) || target.startsWith(`${other}/`)))
          continue;
        broken.set(target, content);
      }
      const { database, diagnostics } = compileFiles(broken);
      expect(database === undefined).toBe(diagnostics.some(({ severity }) => severity === 'error'));
      for (const { code, message, at } of diagnostics) {
        expect(known).toContain(code);
        expect(message).not.toBe('');
        expect(at?.file).toMatch(/^source/);
      }
      if (database !== undefined) expect(faultsOf(database, AS_JSON)).toEqual([]);
    }),
    { numRuns: 400 },
  );
});

function compiled(files: Files): Database {
  const { database, diagnostics } = compileFiles(files);
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  return database!;
}

/** Numbers as nodes: graphlib takes some names for nodes that it has already. */
function asGraph(database: Database): Graph {
  const graph = new Graph();
  database.names.forEach((_, id) => {
    graph.setNode(String(id));
    for (const target of targetsOf(database.needs, serviceId(id))) graph.setEdge(String(id), String(target));
  });
  return graph;
}
