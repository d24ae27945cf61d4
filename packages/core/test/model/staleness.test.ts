import { expect, test } from 'vitest';
import { BLANK_RECORD } from '../../src/model/record.ts';
import { isStale, startedFrom } from '../../src/model/staleness.ts';
import { contentHash, databaseOf } from '../plan/update/database-of.ts';

const database = databaseOf({ daemon: { content: 'new' }, job: { type: 'oneshot', content: 'new' } });
const DAEMON = database.names.indexOf('daemon');
const JOB = database.names.indexOf('job');

const started = (content: string) => ({
  ...BLANK_RECORD,
  transition: 'up' as const,
  contentHash: contentHash(content),
});

test('a process is stale if it was started from another definition', () => {
  expect(isStale(database, DAEMON, started('old'))).toBe(true);
  expect(isStale(database, DAEMON, started('new'))).toBe(false);
});

test('nothing is said of what nobody remembers the start of', () => {
  const unknown = { ...BLANK_RECORD, transition: 'up' as const };
  expect([startedFrom(unknown), isStale(database, DAEMON, unknown)]).toEqual([null, false]);
  const stopped = { ...started('old'), transition: 'down' as const };
  expect([startedFrom(stopped), isStale(database, DAEMON, stopped)]).toEqual([null, false]);
});

test('a oneshot has no process that could be', () => {
  expect(isStale(database, JOB, started('old'))).toBe(false);
});
