import type { Database } from '@muster/core/model/database';
import { compileFiles } from '@muster/core/test/compile/sources';
import { expect, test } from 'vitest';
import { graphAsData, renderDot, renderMermaid, renderTree } from '../../src/render/graph.ts';

const database: Database = compileFiles({
  'a"b\\c/type': 'oneshot',
  'a"b\\c/up': '',
  'web/type': 'oneshot',
  'web/up': '',
  'web/dependencies.d/a"b\\c': '',
}).database!;
const states = new Map([
  [0, 'failed'],
  [1, 'blocked'],
]);

test('a live graph says how the services are', () => {
  expect(renderTree({ database, states }, [1])).toBe('web (blocked)\n└─ a"b\\c (failed)\n');
  expect(renderDot({ database, states }, [0, 1])).toContain(
    's0 [label="a\\"b\\\\c", shape=ellipse, style=filled, fillcolor="#ef9a9a"',
  );
  expect(renderMermaid({ database, states }, [0, 1])).toContain('  classDef failed fill:#ef9a9a\n  class s0 failed\n');
});

test('no name can break the syntax', () => {
  expect(renderMermaid({ database, states: null }, [0])).toBe('flowchart LR\n  s0(["a#34;b#92;c"])\n');
});

test('what a terminal would obey and XML has no place for is escaped, and entities stay what they are', () => {
  const nasty = compileFiles({ 'e\x1b[31m&lt;\ufffe/type': 'oneshot', 'e\x1b[31m&lt;\ufffe/up': '' }).database!;
  const subject = { database: nasty, states: null };
  expect(renderTree(subject, [0])).toBe('e\\u{1b}[31m&lt;\ufffe\n');
  expect(renderDot(subject, [0])).toContain('label="e\\\\u{1b}[31m&amp;lt;\\\\u{fffe}"');
  expect(renderMermaid(subject, [0])).toContain('e#92;u#123;1b#125;#91;31m#38;lt#59;#92;u#123;fffe#125;');
});

test('as data, with every kind of edge', () => {
  const { database } = compileFiles({
    ...Object.fromEntries(
      ['a', 'b', 'c', 'd'].flatMap((name) => [
        [`${name}/type`, 'longrun'],
        [`${name}/run`, '#!/bin/sh\n'],
      ]),
    ),
    'a/wants.d/b': '',
    'a/after.d/c': '',
    'b/producer-for': 'c',
    'c/consumer-for': 'b',
    'c/flag-essential': '',
    'd/conflicts.d/c': '',
    'd/dependencies.d/a': '',
  });
  const data = graphAsData({ database: database!, states }, [0, 1, 2, 3]);
  expect(data.version).toBe(1);
  expect(data.services[0]).toEqual({ name: 'a', type: 'longrun', essential: false, state: 'failed' });
  expect(data.services[2]).toEqual({ name: 'c', type: 'longrun', essential: true, state: null });
  expect(data.edges.map(({ from, kind, to }) => `${from} ${kind} ${to}`)).toEqual([
    'd needs a',
    'a wants b',
    'a after c',
    'b pipe c',
    'c conflicts d',
  ]);
});

test('a deep chain is drawn without recursion', () => {
  const files = new Map<string, string>();
  for (let i = 0; i < 20_000; i++) {
    files.set(`s${i}/type`, 'oneshot');
    files.set(`s${i}/up`, '');
    if (i > 0) files.set(`s${i}/dependencies`, `s${i - 1}`);
  }
  const chain = compileFiles(files).database!;
  const subject = { database: chain, states: null };
  expect(renderDot(subject, [...chain.names.keys()]).match(/->/g)).toHaveLength(19_999);
  const tree = renderTree(subject, [chain.names.indexOf('s19999')]);
  expect(tree.split('\n').filter((line) => line.endsWith('s0'))).toHaveLength(1);
  expect(tree.length).toBeLessThan(10_000_000);
});
