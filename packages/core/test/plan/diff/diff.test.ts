import { expect, test } from 'vitest';
import { diff } from '../../../src/plan/diff/diff.ts';
import { databaseOf } from '../update/database-of.ts';

const bytes = (text: string, mode = 0o755) => ({ bytes: new TextEncoder().encode(text), mode });

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
        { name: 'run', from: bytes('old'), to: bytes('new') },
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

test('bundles are compared by their contents, and a service may become one', () => {
  const old = databaseOf({ a: {}, b: {}, c: {} }, { all: ['a', 'b'] });
  const next = databaseOf({ a: {}, b: {} }, { all: ['a'], c: ['b'] });
  expect(diff(old, next)).toMatchObject([
    { service: 'all', kind: 'changed', fields: [{ name: 'contents', from: ['a', 'b'], to: ['a'] }] },
    { service: 'c', kind: 'changed' },
  ]);
});
