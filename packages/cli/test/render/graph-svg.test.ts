import { everyService } from '@muster/core/model/database';
import { compileFiles } from '@muster/core/test/compile/sources';
import { expect, test } from 'vitest';
import type { Subject } from '../../src/render/graph.ts';
import { MOST_IN_A_PICTURE, renderSvg } from '../../src/render/graph-svg.ts';

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

function draw(files: Record<string, string>, states: readonly string[] | null = null) {
  const database = compileFiles(files).database!;
  const shown = everyService(database);
  const named = states === null ? null : new Map(shown.map((service) => [service, states[service]!]));
  const subject: Subject = { database, states: named };
  return renderSvg(subject, shown);
}

function oneshots(needs: Readonly<Record<string, readonly string[]>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(needs).flatMap(([name, needed]) => [
      [`${name}/type`, 'oneshot'],
      [`${name}/up`, 'true'],
      ...needed.map((need) => [`${name}/dependencies.d/${need}`, '']),
    ]),
  );
}

function boxesIn(svg: string): Box[] {
  const found = svg.matchAll(/<rect class='service[^']*' x='([\d.]+)' y='([\d.]+)' width='([\d.]+)' height='30'/g);
  return Array.from(found, ([, x, y, width]) => ({ x: Number(x), y: Number(y), width: Number(width), height: 30 }));
}

test('who needs something stands left of it, every edge is there, and no box covers another', () => {
  const layers = Object.fromEntries(
    Array.from({ length: 60 }, (_, n) => [
      `s${n}`,
      n < 10 ? [] : [`s${(n % 10) + 10 * (Math.floor(n / 10) - 1)}`, `s${n % 7}`],
    ]),
  );
  const svg = draw(oneshots(layers));
  const edges = Object.values(layers).reduce((sum, needs) => sum + new Set(needs).size, 0);
  const boxes = boxesIn(svg);
  expect(boxes).toHaveLength(60);
  // One more stands in the legend.
  expect(svg.match(/class='edge'/g)).toHaveLength(edges + 1);
  const byName = new Map(
    Array.from(svg.matchAll(/<title>(s\d+)<\/title>/g), ([, name], index) => [name!, boxes[index]!]),
  );
  for (const [name, needs] of Object.entries(layers))
    for (const need of needs) expect(byName.get(name)!.x).toBeLessThan(byName.get(need)!.x);
  for (const [index, one] of boxes.entries()) {
    for (const other of boxes.slice(index + 1)) {
      const isApart =
        one.x + one.width <= other.x ||
        other.x + other.width <= one.x ||
        one.y + one.height <= other.y ||
        other.y + other.height <= one.y;
      expect(isApart, `${JSON.stringify(one)} and ${JSON.stringify(other)}`).toBe(true);
    }
  }
});

test('a state has its colour and its word, and only what is in the picture stands in the legend', () => {
  const svg = draw(oneshots({ a: [], b: ['a'] }), ['failed', 'blocked']);
  expect(svg).toContain('<title>a: failed</title>');
  expect(svg).toMatch(/<title>b: blocked<\/title><rect class='service' [^>]* style='fill:#ffccbc'/);
  expect(svg).toContain('>failed</text>');
  expect(svg).not.toContain('>ready</text>');
  expect(svg).not.toContain('>conflicts</text>');
});

test('every kind of edge is told apart, and what is essential has a thick border', () => {
  const longruns = Object.fromEntries(
    ['a', 'b', 'c', 'd'].flatMap((name) => [
      [`${name}/type`, 'longrun'],
      [`${name}/run`, '#!/bin/sh\n'],
    ]),
  );
  const svg = draw({
    ...longruns,
    'a/wants.d/b': '',
    'a/after.d/c': '',
    'b/producer-for': 'c',
    'c/consumer-for': 'b',
    'c/flag-essential': '',
    'd/conflicts.d/c': '',
    'd/dependencies.d/a': '',
  });
  for (const word of ['needs', 'wants', 'after', 'writes to', 'conflicts']) expect(svg).toContain(`>${word}</text>`);
  expect(svg.match(/class='service essential'/g)).toHaveLength(1);
});

test('no name can break the picture or stick out of its box', () => {
  const long = 'x'.repeat(200);
  const svg = draw(oneshots({ '<&"\'>': [], 'e\x1b[31m\ufffe': [], [long]: [] }));
  expect(svg).toContain('<title>&lt;&amp;&quot;&#39;&gt;</title>');
  expect(svg).toContain('e\\u{1b}[31m\\u{fffe}');
  expect(svg).toContain(`<title>${long}</title>`);
  expect(svg).not.toContain(`>${long}</text>`);
  for (const [, text] of svg.matchAll(/class='name'[^>]*>([^<]*)</g)) expect(text!.length).toBeLessThan(60);
});

test('as many services as a picture may have are drawn, in a chain as well', () => {
  const names = Array.from({ length: MOST_IN_A_PICTURE }, (_, n) => `s${n}`);
  const chain = Object.fromEntries(names.map((name, n) => [name, n === 0 ? [] : [`s${n - 1}`]]));
  expect(boxesIn(draw(oneshots(chain)))).toHaveLength(MOST_IN_A_PICTURE);
});
