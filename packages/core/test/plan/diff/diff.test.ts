import { expect, test } from 'vitest';
import { PLAIN_LONGRUN } from '../../../src/compile/longrun.ts';
import { ON_DEPENDENCY_RESTART } from '../../../src/model/database.ts';
import type { FileEntry } from '../../../src/model/definition.ts';
import { diff } from '../../../src/plan/diff/diff.ts';
import { databaseOf } from '../update/database-of.ts';

const run = (text: string) =>
  ({ kind: 'file', path: 'run', mode: 0o755, content: new TextEncoder().encode(text) }) as const;

test('equal databases differ in nothing', () => {
  const make = () => databaseOf({ a: {}, b: { needs: ['a'] } }, { all: ['a', 'b'] });
  expect(diff(make(), make())).toEqual([]);
});

test('every field that differs is a change of its service', () => {
  const old = databaseOf({ a: {}, b: { needs: ['a'], content: 'old' }, c: {} });
  const next = databaseOf({ a: {}, b: { content: 'new', essential: true }, c: { type: 'oneshot' }, d: {} });
  expect(diff(old, next)).toMatchObject([
    {
      service: 'b',
      kind: 'changed',
      fields: [
        { name: 'dependencies', from: ['a'], to: [] },
        { name: 'flag-essential', from: false, to: true },
        { name: 'run', from: run('old'), to: run('new') },
      ],
    },
    {
      service: 'c',
      kind: 'changed',
      fields: [{ name: 'type', from: 'longrun', to: 'oneshot' }, { name: 'on-update' }],
    },
    { service: 'd', kind: 'added', fields: [] },
  ]);
});

test('a renamed service is one change, not two', () => {
  expect(diff(databaseOf({ a: {} }), databaseOf({ z: { renamedFrom: ['a'] } }))).toEqual([
    { service: 'z', kind: 'renamed', was: 'a', fields: [{ name: 'renamed-from', from: [], to: ['a'] }] },
  ]);
});

test('so is one that gets its name back, and a logger that goes along', () => {
  const old = databaseOf({ web: { producerFor: 'web-log' }, 'web-log': {} });
  const next = databaseOf({ site: { producerFor: 'site-log', renamedFrom: ['web'] }, 'site-log': {} });
  for (const [one, other] of [
    [old, next],
    [next, old],
  ] as const) {
    expect(diff(one, other).map(({ kind }) => kind)).toEqual(['renamed', 'renamed']);
  }
});

test('bundles are compared by their contents, and a service may become one', () => {
  const old = databaseOf({ a: {}, b: {}, c: {} }, { all: ['a', 'b'] });
  const next = databaseOf({ a: {}, b: {} }, { all: ['a'], c: ['b'] });
  expect(diff(old, next)).toMatchObject([
    { service: 'all', kind: 'changed', fields: [{ name: 'contents', from: ['a', 'b'], to: ['a'] }] },
    { service: 'c', kind: 'changed' },
  ]);
});

test.each<[string, FileEntry, FileEntry]>([
  ['the target of a link', { kind: 'link', path: 'x', target: 'a' }, { kind: 'link', path: 'x', target: 'b' }],
  [
    'the mode of a directory',
    { kind: 'directory', path: 'x', mode: 0o755 },
    { kind: 'directory', path: 'x', mode: 0o700 },
  ],
  ['the mode of a file', { ...run(''), path: 'x' }, { ...run(''), path: 'x', mode: 0o600 }],
  [
    'a directory that became a link',
    { kind: 'directory', path: 'x', mode: 0o755 },
    { kind: 'link', path: 'x', target: 'a' },
  ],
])('%s differs', (_, from, to) => {
  const having = (file: FileEntry, content: string) => ({
    ...databaseOf({ a: { content } }),
    definition: () => ({ ...PLAIN_LONGRUN, files: [file] }),
  });
  expect(diff(having(from, 'one'), having(to, 'two'))).toEqual([
    { service: 'a', kind: 'changed', fields: [{ name: 'x', from, to }] },
  ]);
});

test('what a restart of a dependency does is part of the dependency', () => {
  const next = databaseOf({ a: {}, b: { needs: ['a'] } });
  next.needsOnRestart[0] = ON_DEPENDENCY_RESTART.indexOf('ignore');
  expect(diff(databaseOf({ a: {}, b: { needs: ['a'] } }), next)).toEqual([
    { service: 'b', kind: 'changed', fields: [{ name: 'dependencies', from: ['a'], to: ['a (ignore)'] }] },
  ]);
});
