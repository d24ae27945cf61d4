import { serviceId } from '@muster/core/model/database';
import { expect, test } from 'vitest';
import type { LongrunObservation, Observation, OneshotObservation } from '../../src/model/observation.ts';
import type { ServiceRecord } from '../../src/model/record.ts';
import { ownState, type Sight, stateOf } from '../../src/model/state.ts';
import { databaseOf } from '../simulation/graph.ts';

const RECORD: ServiceRecord = {
  wanted: 'explicit',
  wantedBy: 1,
  transition: 'up',
  phase: 'done',
  cause: 'none',
  exit: null,
  began: 10,
  ended: 20,
  contentHash: new Uint8Array(32),
};

const LONGRUN: LongrunObservation = {
  kind: 'longrun',
  state: 'up',
  ready: true,
  pid: 7,
  since: 15,
  readySince: 0,
  supervisorWants: 'up',
  lastExit: null,
  deaths: 0,
  failed: false,
};

const DONE: LongrunObservation = { ...LONGRUN, state: 'down', pid: 0, supervisorWants: 'down', done: true };

const ONESHOT: OneshotObservation = { kind: 'oneshot', running: null, pid: 0, since: 0, last: null };
const FAILED = { code: 3, signal: 0 };

const CASES: readonly [string, Partial<ServiceRecord>, Observation, string, string][] = [
  ['runs', {}, LONGRUN, 'up', 'none'],
  ['said that it is ready', {}, { ...LONGRUN, readySince: 18 }, 'ready', 'none'],
  ['runs, and is not ready', { phase: 'begun' }, { ...LONGRUN, ready: false }, 'starting', 'none'],
  ['is being stopped', {}, { ...LONGRUN, supervisorWants: 'down' }, 'stopping', 'none'],
  ['died, comes again', {}, { ...LONGRUN, state: 'finishing', pid: 0, lastExit: FAILED }, 'backoff', 'died'],
  ['waits to be started again', {}, { ...LONGRUN, state: 'down', since: 30 }, 'backoff', 'died'],
  ['died for good', {}, { ...LONGRUN, state: 'down', supervisorWants: 'down', failed: true }, 'failed', 'died'],
  ['has ended as it may', {}, DONE, 'done', 'none'],
  ['has ended as it may, and does something yet', {}, { ...DONE, state: 'finishing', pid: 8 }, 'done', 'none'],
  ['ended while nobody waited', { phase: 'failed', cause: 'cancelled' }, { ...DONE, since: 25 }, 'done', 'none'],
  ['ended before it was started', { phase: 'begun' }, { ...DONE, since: 5 }, 'starting', 'unfinished'],
  ['ended, and was stopped', { wanted: 'no', transition: 'down' }, DONE, 'down', 'none'],
  ['was stopped by hand', {}, { ...LONGRUN, state: 'down', supervisorWants: 'down' }, 'failed', 'stopped-by-hand'],
  [
    'did not start',
    { phase: 'failed', cause: 'timeout' },
    { ...LONGRUN, state: 'down', supervisorWants: 'down' },
    'failed',
    'start-failed',
  ],
  [
    'failed, and is not wanted any more',
    { wanted: 'no', phase: 'failed', cause: 'timeout' },
    { ...LONGRUN, state: 'down', supervisorWants: 'down' },
    'down',
    'none',
  ],
  ['script succeeded', {}, { ...ONESHOT, last: { action: 'up', exit: { code: 0, signal: 0 }, at: 20 } }, 'up', 'none'],
  ['script runs', { phase: 'begun' }, { ...ONESHOT, running: 'up' }, 'starting', 'none'],
  [
    'script failed',
    { phase: 'failed', cause: 'exited', exit: FAILED },
    { ...ONESHOT, last: { action: 'up', exit: FAILED, at: 20 } },
    'failed',
    'start-failed',
  ],
  [
    'script to stop it failed, so it is up',
    { transition: 'down', phase: 'failed', cause: 'exited', exit: FAILED },
    { ...ONESHOT, last: { action: 'down', exit: FAILED, at: 20 } },
    'up',
    'stop-failed',
  ],
  [
    'its starter died, and its script succeeded all the same',
    { phase: 'begun' },
    { ...ONESHOT, last: { action: 'up', exit: { code: 0, signal: 0 }, at: 20 } },
    'up',
    'none',
  ],
  ['its starter died before the script ran', { phase: 'begun' }, ONESHOT, 'starting', 'unfinished'],
  ['nobody watches until a tree adopts it', {}, { kind: 'unsupervised' }, 'up', 'unsupervised'],
  ['nobody watches, and nobody will', {}, { kind: 'unsupervised', lost: true }, 'failed', 'unsupervised'],
];

test.each(CASES)('a service that %s', (_, record, observation, name, why) => {
  const sight = { record: { ...RECORD, ...record }, observation, unstableBelow: null };
  expect(ownState(sight)).toMatchObject({ name, reason: { why } });
});

const NOTHING: Sight = {
  record: { ...RECORD, transition: 'none', wanted: 'explicit' },
  observation: { ...LONGRUN, state: 'down', supervisorWants: 'down' },
  unstableBelow: null,
};

test('a service that is wanted and down is blocked by those needs that are not up', () => {
  const database = databaseOf([{ name: 'a' }, { name: 'b' }, { name: 'c', needs: ['a', 'b'] }]);
  const sights: Sight[] = [{ record: RECORD, observation: LONGRUN, unstableBelow: null }, NOTHING, NOTHING];
  expect(stateOf(database, serviceId(2), (service) => sights[service]!)).toMatchObject({
    name: 'blocked',
    reason: { why: 'needs', services: [1] },
  });
  expect(stateOf(database, serviceId(1), (service) => sights[service]!)).toMatchObject({
    name: 'down',
    reason: { why: 'not-started' },
  });
});
