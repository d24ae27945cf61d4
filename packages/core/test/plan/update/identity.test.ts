/** Which service of the new database is which of the old one, by type and by name. */

import { describe, expect, test } from 'vitest';
import { serviceId } from '../../../src/model/database.ts';
import { NO_CONVERSION } from '../../../src/plan/update/conversion.ts';
import { identify, sameServices } from '../../../src/plan/update/identity.ts';
import { databaseOf } from './database-of.ts';
import { allUp, planned } from './planned.ts';

test('every service of a database is itself in it', () => {
  const database = databaseOf({ a: {}, b: { needs: ['a'] }, c: {} }, { all: ['a', 'c'] });
  expect(sameServices(database)).toEqual(identify(database, database, NO_CONVERSION).identity);
});

describe('types', () => {
  test('a oneshot that becomes a longrun is stopped as the one and started as the other', () => {
    expect(planned(databaseOf({ a: { type: 'oneshot' } }), databaseOf({ a: {} }))).toEqual([
      '-a type-changed',
      '+a type-changed',
    ]);
  });

  test('a service that becomes a bundle is replaced by its members', () => {
    const old = databaseOf({ web: {}, top: { needs: ['web'] } });
    const next = databaseOf(
      { front: {}, back: {}, off: { manual: true }, top: { needs: ['front', 'back'] } },
      {
        web: ['front', 'back', 'off'],
      },
    );
    expect(planned(old, next)).toEqual([
      '-top restarted-with web',
      '-web type-changed',
      '+back stands-for web',
      '+front stands-for web',
      '+top restarted-with web',
    ]);
  });

  test('a bundle of one is the same service by another name', () => {
    expect(planned(databaseOf({ web: {} }), databaseOf({ nginx: {} }, { web: ['nginx'] }))).toEqual([]);
  });

  test('a bundle that holds services which go on does not disturb them', () => {
    const old = databaseOf({ a: {}, b: {} });
    const next = databaseOf({ b: {}, c: {} }, { a: ['b', 'c'] });
    expect(planned(old, next)).toEqual(['-a type-changed', '+c stands-for a']);
  });

  test('a service that became an empty bundle is stopped', () => {
    expect(planned(databaseOf({ a: {} }), databaseOf({}, { a: [] }))).toEqual(['-a type-changed']);
  });

  test('a bundle that becomes a service is replaced by it, as going back from there needs', () => {
    const old = databaseOf({ front: {}, back: {} }, { web: ['front', 'back'] });
    expect(planned(old, databaseOf({ web: {} }))).toEqual(['-back removed', '-front removed', '+web stands-for back']);
  });

  test('a bundle of one that becomes a service is the same service by another name', () => {
    expect(planned(databaseOf({ nginx: {} }, { web: ['nginx'] }), databaseOf({ web: {} }))).toEqual([]);
  });

  test('a service does not stand for members of its former bundle that are still there, or were not up', () => {
    const old = databaseOf({ back: {}, front: {} }, { web: ['front', 'back'] });
    expect(planned(old, databaseOf({ back: {}, front: {}, web: {} }))).toEqual([]);
    expect(planned(old, databaseOf({ back: {}, web: {} }), allUp(old, ['front']))).toEqual([]);
  });

  test('a service that only starts by hand does not stand for the bundle that it was', () => {
    const old = databaseOf({ front: {} }, { web: ['front'] });
    expect(planned(old, databaseOf({ web: { manual: true } }))).toEqual(['-front removed']);
  });
});

describe('names', () => {
  test('renamed-from keeps the process', () => {
    expect(
      planned(
        databaseOf({ a: {}, b: { needs: ['a'] } }),
        databaseOf({ z: { renamedFrom: ['a'] }, b: { needs: ['z'] } }),
      ),
    ).toEqual([]);
  });

  test('renamed-from keeps the process on the way back too', () => {
    expect(planned(databaseOf({ z: { renamedFrom: ['a'] } }), databaseOf({ a: {} }))).toEqual([]);
  });

  test('a logger of its own goes along with who is renamed, there and back, however the name is told', () => {
    const old = databaseOf({ web: { producerFor: 'web-log' }, 'web-log': {} });
    const next = databaseOf({ site: { producerFor: 'site-log', renamedFrom: ['web'] }, 'site-log': {} });
    expect(planned(old, next)).toEqual([]);
    expect(planned(next, old)).toEqual([]);
    const renames = new Map([[serviceId(0), { name: 'site', line: 1 }]]);
    const told = databaseOf({ site: { producerFor: 'site-log' }, 'site-log': {} });
    expect(planned(old, told, undefined, { conversion: { renames, restarts: new Set() } })).toEqual([]);
  });

  test('a consumer that somebody wrote does not go along by itself', () => {
    const old = databaseOf({ hear: {}, talk: { producerFor: 'hear' } });
    const next = databaseOf({ listen: {}, say: { producerFor: 'listen', renamedFrom: ['talk'] } });
    expect(planned(old, next)).toContain('-talk pipeline-changed');
  });

  test('renamed-from counts only while nobody has the old name', () => {
    const next = databaseOf({ a: {}, z: { renamedFrom: ['a'] } });
    expect(planned(databaseOf({ a: {} }), next)).toEqual([]);
  });

  test('two that say that they had the same name are a mistake', () => {
    const next = databaseOf({ y: { renamedFrom: ['a'] }, z: { renamedFrom: ['a'] } });
    expect(planned(databaseOf({ a: {} }), next)).toEqual(['{"kind":"one-becomes-two","name":"a","news":["y","z"]}']);
  });

  test('names may be swapped by the conversion file', () => {
    const old = databaseOf({ x: {}, y: {} });
    const renames = new Map([
      [serviceId(0), { name: 'y', line: 1 }],
      [serviceId(1), { name: 'x', line: 2 }],
    ]);
    expect(planned(old, old, undefined, { conversion: { ...NO_CONVERSION, renames } })).toEqual([]);
  });

  test('__proto__ and constructor are names like any other', () => {
    const odd = JSON.parse('{"__proto__": {}, "constructor": {"needs": ["__proto__"]}}');
    const next = JSON.parse('{"__proto__": {"content": "new"}, "constructor": {"needs": ["__proto__"]}}');
    expect(planned(databaseOf(odd), databaseOf(next))).toEqual([
      '-constructor restarted-with __proto__',
      '-__proto__ content-changed',
      '+__proto__ content-changed',
      '+constructor restarted-with __proto__',
    ]);
  });
});
