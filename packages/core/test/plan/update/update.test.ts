import { describe, expect, test } from 'vitest';
import type { Database } from '../../../src/model/database.ts';
import type { UpdateWorld } from '../../../src/plan/update/world.ts';
import { contentHash, databaseOf, type Sketch } from './database-of.ts';
import { allUp, planned } from './planned.ts';

const chain = { a: {}, b: { needs: ['a'] }, c: { needs: ['b'] } } satisfies Record<string, Sketch>;

describe('an update restarts', () => {
  test('nothing, when nothing changed', () => {
    expect(planned(databaseOf(chain), databaseOf(chain))).toEqual([]);
  });

  test('a longrun whose content changed, and what needs it', () => {
    const next = databaseOf({ ...chain, b: { needs: ['a'], content: 'new' } });
    expect(planned(databaseOf(chain), next)).toEqual([
      '-c restarted-with b',
      '-b content-changed',
      '+b content-changed',
      '+c restarted-with b',
    ]);
  });

  test('by the hash that the process was started with, where it is known', () => {
    const old = databaseOf(chain);
    const world = allUp(old);
    const stale = {
      services: world.services.map((service, id) =>
        id === 2 ? { ...service, contentHash: contentHash('older') } : service,
      ),
    };
    expect(planned(old, old, stale)).toEqual(['-c content-changed', '+c content-changed']);
    const back = databaseOf({ ...chain, c: { needs: ['b'], content: 'older' } });
    expect(planned(old, back, stale)).toEqual([]);
  });

  test('nothing for content when told so, and then knows what is stale', () => {
    const next = databaseOf({ ...chain, b: { needs: ['a'], content: 'new' } });
    expect(planned(databaseOf(chain), next, undefined, { restart: 'never' })).toEqual(['stale b asked']);
  });

  test('everything that is up, when told so', () => {
    const old = databaseOf(chain);
    expect(planned(old, old, allUp(old, ['c']), { restart: 'all' })).toEqual([
      '-b told-so',
      '-a told-so',
      '+a told-so',
      '+b told-so',
    ]);
  });

  test.each([
    ['longrun', undefined, ['-a content-changed', '+a content-changed']],
    ['longrun', 'restart', ['-a content-changed', '+a content-changed']],
    ['longrun', 'reload', ['~a content-changed']],
    ['longrun', 'keep', ['stale a asked']],
    ['oneshot', undefined, ['stale a asked']],
    ['oneshot', 'rerun', ['-a content-changed', '+a content-changed']],
    ['oneshot', 'reload', ['~a content-changed']],
  ] as const)('a %s with on-update %s as that says', (type, onUpdate, expected) => {
    const reload = { type, reload: true, ...(onUpdate === undefined ? {} : { onUpdate }) };
    expect(planned(databaseOf({ a: { type } }), databaseOf({ a: { ...reload, content: 'new' } }))).toEqual(expected);
  });

  test('a oneshot that has no script to reload with never', () => {
    const next = databaseOf({ a: { type: 'oneshot', onUpdate: 'reload', content: 'new' } });
    expect(planned(databaseOf({ a: { type: 'oneshot' } }), next)).toEqual(['stale a asked']);
  });

  test('what needs something that is new or was down', () => {
    const next = databaseOf({ ...chain, b: { needs: ['a', 'n'] }, n: {} });
    expect(planned(databaseOf(chain), next)).toEqual([
      '-c restarted-with b',
      '-b new-dependency n',
      '+n needed-by b',
      '+b new-dependency n',
      '+c restarted-with b',
    ]);
    const old = databaseOf({ ...chain, d: {} });
    const needsD = databaseOf({ ...chain, c: { needs: ['b', 'd'] }, d: {} });
    expect(planned(old, needsD, allUp(old, ['d']))).toEqual([
      '-c new-dependency d',
      '+d needed-by c',
      '+c new-dependency d',
    ]);
    expect(planned(old, needsD)).toEqual([]);
  });

  test('what needed something that is removed, though it does not any more', () => {
    expect(planned(databaseOf(chain), databaseOf({ b: {}, c: { needs: ['b'] } }))).toEqual([
      '-c restarted-with b',
      '-b restarted-with a',
      '-a removed',
      '+b restarted-with a',
      '+c restarted-with b',
    ]);
  });

  test('nothing because of a need that is down and was needed before', () => {
    const old = databaseOf(chain);
    expect(planned(old, old, allUp(old, ['a']))).toEqual([]);
  });

  test('nothing that is down', () => {
    const next = databaseOf({ a: { content: 'new' }, c: {} });
    const old = databaseOf(chain);
    expect(planned(old, next, allUp(old, ['a', 'b', 'c']))).toEqual([]);
  });

  test('but stops what runs although nobody wants it, when the new database does not have it', () => {
    const old = databaseOf(chain);
    const strays = { services: old.names.map(() => ({ up: false, running: true, contentHash: null })) };
    expect(planned(old, databaseOf({ a: { content: 'new' }, b: {} }), strays)).toEqual(['-c removed']);
  });
});

describe('pipelines', () => {
  test('a producer that gets another consumer restarts, and so do both consumers', () => {
    const old = databaseOf({ k: {}, l: {}, p: { producerFor: 'l' } });
    const next = databaseOf({ k: {}, l: {}, p: { producerFor: 'k' } });
    expect(planned(old, next)).toEqual([
      '-k pipeline-changed',
      '-p pipeline-changed',
      '-l pipeline-changed',
      '+k pipeline-changed',
      '+l pipeline-changed',
      '+p pipeline-changed',
    ]);
  });

  test('a second producer disturbs nobody', () => {
    const old = databaseOf({ l: {}, p: { producerFor: 'l' } });
    const next = databaseOf({ l: {}, p: { producerFor: 'l' }, q: { producerFor: 'l' } });
    expect(planned(old, next)).toEqual([]);
  });

  test('a consumer may be renamed', () => {
    const old = databaseOf({ l: {}, p: { producerFor: 'l' } });
    const next = databaseOf({ log: { renamedFrom: ['l'] }, p: { producerFor: 'log' } });
    expect(planned(old, next)).toEqual([]);
  });
});

describe('essential services', () => {
  const old = databaseOf({ a: {}, e: { needs: ['a'], essential: true }, t: { needs: ['e'] } });

  test('are not stopped unless that is asked for', () => {
    const next = databaseOf({ a: {}, n: {}, e: { needs: ['a', 'n'], essential: true }, t: { needs: ['e'] } });
    expect(planned(old, next)).toEqual(['refused: e new-dependency']);
    expect(planned(old, next, undefined, { stopEssentials: true })).toEqual([
      '-t restarted-with e',
      '-e new-dependency n',
      '+n needed-by e',
      '+e new-dependency n',
      '+t restarted-with e',
    ]);
    expect(planned(old, databaseOf({ a: {} }))).toEqual(['refused: e removed']);
  });

  test('shield themselves and what they need from changes of mere content', () => {
    const next = databaseOf({
      a: { content: 'new' },
      e: { needs: ['a'], essential: true, content: 'new' },
      t: { needs: ['e'], content: 'new' },
    });
    expect(planned(old, next)).toEqual([
      '-t content-changed',
      '+t content-changed',
      'stale a essential',
      'stale e essential',
    ]);
  });
});

test('two services that are up and conflict from now on are refused', () => {
  const old = databaseOf({ a: {}, b: {} });
  const next = databaseOf({ a: {}, b: { conflicts: ['a'] } });
  expect(planned(old, next)).toEqual(['refused: a,b']);
  expect(planned(old, next, allUp(old, ['b']))).toEqual([]);
});

describe('what is wanted and not up', () => {
  /** `b` was tried with `tried`, in vain; `c` waits for it. */
  const missing = (old: Database, tried: Uint8Array | null): UpdateWorld => ({
    services: allUp(old, ['b', 'c']).services.map((service, id) => {
      if (service.up) return service;
      return { ...service, missed: { tried: id === 1 ? tried : null } };
    }),
  });
  const next = databaseOf({ ...chain, b: { needs: ['a'], content: 'new' } });

  test('is tried again once it is defined otherwise, with what waits for it', () => {
    const old = databaseOf(chain);
    expect(planned(old, next, missing(old, null))).toEqual(['+b tried-again', '+c tried-again']);
  });

  test('is not tried again as long as nothing has changed, whichever database is live', () => {
    const old = databaseOf(chain);
    expect(planned(old, old, missing(old, null))).toEqual([]);
    expect(planned(old, next, missing(old, contentHash('new')))).toEqual([]);
    expect(planned(next, next, missing(next, contentHash('older')))).toEqual(['+b tried-again', '+c tried-again']);
  });

  test('brings what it needs, and gives way to what it conflicts with', () => {
    const old = databaseOf(chain);
    const { services } = missing(old, null);
    const alone = {
      services: services.map((service, id) => (id === 0 ? { ...service, up: false, running: false } : service)),
    };
    expect(planned(old, next, alone)).toEqual(['+a needed-by b', '+b tried-again', '+c tried-again']);
    const rivals = databaseOf({ ...chain, b: { needs: ['a'], content: 'new', conflicts: ['a'] } });
    expect(planned(old, rivals, missing(old, null))).toEqual([]);
  });
});
