import { serviceId } from '@muster/core/model/database';
import { expect, test } from 'vitest';
import type { LongrunObservation } from '../../src/model/observation.ts';
import { BLANK_RECORD } from '../../src/model/record.ts';
import { isStale, type Running, startedFrom } from '../../src/model/staleness.ts';
import { contentHash, databaseOf } from '../plan/update/database-of.ts';

const database = databaseOf({ daemon: { content: 'new' }, job: { type: 'oneshot', content: 'new' } });
const DAEMON = database.names.indexOf('daemon');
const JOB = database.names.indexOf('job');

const OBSERVED: LongrunObservation = {
  kind: 'longrun',
  state: 'up',
  ready: true,
  pid: 7,
  since: 100,
  readySince: 0,
  supervisorWants: 'up',
  lastExit: null,
  deaths: 0,
  failed: false,
};

const started = (content: string, observation: Partial<LongrunObservation> = {}): Running => ({
  record: { transition: 'up', contentHash: contentHash(content) },
  observation: { ...OBSERVED, ...observation },
  liveSince: 200,
});

test('a process is stale if it was started from another definition', () => {
  expect(isStale(database, serviceId(DAEMON), started('old'))).toBe(true);
  expect(isStale(database, serviceId(DAEMON), started('new'))).toBe(false);
});

test('one that its supervisor has started again since is not', () => {
  expect(isStale(database, serviceId(DAEMON), started('old', { since: 300 }))).toBe(false);
  expect(isStale(database, serviceId(DAEMON), started('old', { since: 300, state: 'down', pid: 0 }))).toBe(false);
});

test('nothing is said of what nobody remembers the start of', () => {
  const unknown: Running = { ...started('old'), record: { ...BLANK_RECORD, transition: 'up' } };
  expect([startedFrom(unknown), isStale(database, serviceId(DAEMON), unknown)]).toEqual([null, false]);
  const stopped: Running = { ...started('old'), record: { transition: 'down', contentHash: contentHash('old') } };
  expect([startedFrom(stopped), isStale(database, serviceId(DAEMON), stopped)]).toEqual([null, false]);
});

test('a oneshot has no process that could be', () => {
  const job: Running = {
    ...started('old'),
    observation: { kind: 'oneshot', running: null, pid: 0, since: 0, last: null },
  };
  expect(isStale(database, serviceId(JOB), job)).toBe(false);
});
