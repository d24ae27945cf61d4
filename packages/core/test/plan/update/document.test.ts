import { expect, test } from 'vitest';
import { documentOf, parseDocument, whatMoved } from '../../../src/plan/update/document.ts';
import { planUpdate } from '../../../src/plan/update/update.ts';
import { success } from '../../../src/result.ts';
import { contentHash, databaseOf } from './database-of.ts';

const old = databaseOf({ a: {}, b: { needs: ['a'] }, c: {}, d: { type: 'oneshot' } });
const next = databaseOf({
  a: { content: 'new' },
  b: { needs: ['a'] },
  c: { content: 'new', onUpdate: 'reload' },
  n: {},
});
const hashes = { old: '1'.repeat(64), next: '2'.repeat(64) };
const options = { restart: 'changed', stopEssentials: false, renames: [], restarts: [] } as const;

function documentFor(up: readonly string[], running: readonly string[] = [], stale: readonly string[] = []) {
  const world = {
    services: old.names.map((name) => ({
      up: up.includes(name),
      running: up.includes(name) || running.includes(name),
      contentHash: stale.includes(name) ? contentHash('older') : null,
    })),
  };
  const outcome = planUpdate(old, next, world);
  if (!outcome.ok) throw new Error(outcome.problem.kind);
  return documentOf({ old, next, hashes, world, options, plan: outcome.value });
}

test('a plan says what it was made from, what it does, in which order and why', () => {
  expect(documentFor(['a', 'b', 'c', 'd'])).toEqual({
    version: 1,
    kind: 'update',
    base: { database: hashes.old, up: ['a', 'b', 'c', 'd'], running: [], missed: [], stale: [] },
    target: { database: hashes.next },
    options,
    transitions: [
      {
        service: 'b',
        action: 'down',
        reason: { why: 'restarted-with', because: 'a' },
        needs: [],
      },
      { service: 'd', action: 'down', reason: { why: 'removed' }, needs: [] },
      { service: 'a', action: 'down', reason: { why: 'content-changed' }, needs: ['b'] },
      { service: 'a', action: 'up', reason: { why: 'content-changed' }, needs: [] },
      {
        service: 'b',
        action: 'up',
        reason: { why: 'restarted-with', because: 'a' },
        needs: ['a'],
      },
      { service: 'c', action: 'reload', reason: { why: 'content-changed' }, needs: [] },
    ],
    stop: ['d'],
    start: [],
    restart: ['a', 'b'],
    reload: ['c'],
    keep: ['c'],
    stale: [],
  });
});

test('what was written can be read, and has not moved', () => {
  const document = documentFor(['a', 'b', 'c']);
  const read = parseDocument(JSON.stringify(document));
  expect(read).toEqual(success(document));
  expect(read.ok && whatMoved(read.value, document)).toEqual([]);
});

test('what moved is named', () => {
  const planned = documentFor(['a', 'b', 'c'], ['d']);
  expect(whatMoved(planned, documentFor(['a', 'c', 'd']))).toEqual([
    'b was up and is not',
    'd is up and was not',
    'd was running and is not',
  ]);
  expect(whatMoved(planned, { ...planned, base: { ...planned.base, database: '3'.repeat(64) } })).toEqual([
    'another database is live: 333333333333, not 111111111111',
  ]);
  expect(whatMoved(planned, { ...planned, target: { database: '3'.repeat(64) } })).toEqual([
    'the database to update to is 333333333333, not 222222222222',
  ]);
  expect(whatMoved(planned, documentFor(['a', 'b', 'c'], ['d'], ['c']))).toEqual([
    'c runs another definition than then',
  ]);
});

test('a plan that somebody edited is not what it says it is', () => {
  const planned = documentFor(['a', 'b', 'c']);
  const edited = { ...planned, transitions: planned.transitions.slice(1) };
  expect(whatMoved(edited, planned)).toEqual(["its 'transitions' is not what its base, target and options lead to"]);
});

test.each([
  ['', /JSON|end|unexpected/i],
  ['[]', /not a plan of an update/],
  ['{"kind":"update","version":2}', /another version/],
  ['{"kind":"update","version":1}', /made from/],
  ['{"kind":"update","version":1,"base":{"database":"x","up":[1]}}', /what was up/],
])('%s is not a plan', (text, problem) => {
  expect(parseDocument(text)).toMatchObject({ ok: false, problem: expect.stringMatching(problem) });
});
