/** Numbers that look alike, and are taken for each other only with the compiler's consent: half of this is told by `tsc`. */
import { targetsOf } from '@muster/core/graph/edges';
import { bundleNamed, bundlesByName, everyService, serviceNamed, servicesByName } from '@muster/core/model/database';
import { expect, test } from 'vitest';
import { databaseOf } from '../plan/update/database-of.ts';

const database = databaseOf({ a: {}, b: { needs: ['a'] }, c: { needs: ['a', 'b'] } }, { all: ['b', 'c'] });

test('services and bundles are found by name, and their numbers are of two kinds', () => {
  const c = serviceNamed(database, 'c')!;
  const all = bundleNamed(database, 'all')!;
  expect([...targetsOf(database.needs, c)].map((need) => database.names[need])).toEqual(['a', 'b']);
  expect([...targetsOf(database.bundleMembers, all)].map((member) => database.names[member])).toEqual(['b', 'c']);
  // @ts-expect-error A bundle is no service,
  targetsOf(database.needs, all);
  // @ts-expect-error nor is a service a bundle,
  targetsOf(database.bundleMembers, c);
  // @ts-expect-error nor is any number a service.
  targetsOf(database.needs, 2);
});

test('every service is there once, in order, and nothing is found by a name that nothing has', () => {
  expect(everyService(database)).toEqual([...servicesByName(database).values()]);
  expect(everyService(database).map((service) => database.names[service])).toEqual(['a', 'b', 'c']);
  expect(serviceNamed(database, 'all')).toBe(undefined);
  expect(bundleNamed(database, 'a')).toBe(undefined);
  expect(bundlesByName(database).size).toBe(1);
});
