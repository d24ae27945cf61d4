import { type Database, everyService, serviceId, serviceNamed } from '@muster/core/model/database';
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
const [A, WEB] = [serviceId(0), serviceId(1)];
const states = new Map([
  [A, 'failed'],
  [WEB, 'blocked'],
]);

test('a live graph says how the services are', () => {
  expect(renderTree({ database, states }, [WEB])).toBe('web (blocked)\n└─ a"b\\c (failed)\n');
  expect(renderDot({ database, states }, [A, WEB])).toContain(
    's0 [label="a\\"b\\\\c", shape=ellipse, style=filled, fillcolor="#ef9a9a"',
  );
  expect(renderMermaid({ database, states }, [A, WEB])).toContain(
    '  classDef failed fill:#ef9a9a\n  class s0 failed\n',
  );
});

test('no name can break the syntax', () => {
  expect(renderMermaid({ database, states: null }, [A])).toBe('flowchart LR\n  s0(["a#34;b#92;c"])\n');
});

test('what a terminal would obey and XML has no place for is escaped, and entities stay what they are', () => {
  const nasty = compileFiles({ 'e\x1b[31m&lt;\ufffe/type': 'oneshot', 'e\x1b[31m&lt;\ufffe/up': '' }).database!;
  const subject = { database: nasty, states: null };
  expect(renderTree(subject, [A])).toBe('e\\u{1b}[31m&lt;\ufffe\n');
  expect(renderDot(subject, [A])).toContain('label="e\\\\u{1b}[31m&amp;lt;\\\\u{fffe}"');
  expect(renderMermaid(subject, [A])).toContain('e#92;u#123;1b#125;#91;31m#38;lt#59;#92;u#123;fffe#125;');
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
  const data = graphAsData({ database: database!, states }, everyService(database!));
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
  expect(renderDot(subject, everyService(chain)).match(/->/g)).toHaveLength(19_999);
  const tree = renderTree(subject, [serviceNamed(chain, 's19999')!]);
  expect(tree.split('\n').filter((line) => line.endsWith('s0'))).toHaveLength(1);
  expect(tree.length).toBeLessThan(10_000_000);
});
