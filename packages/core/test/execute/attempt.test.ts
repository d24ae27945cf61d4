import { expect, test } from 'vitest';
import { type Attempt, attemptFrom, judge as judgeBy } from '../../src/execute/attempt.ts';
import type { LongrunObservation } from '../../src/model/observation.ts';

const DOWN: LongrunObservation = {
  kind: 'longrun',
  state: 'down',
  ready: false,
  pid: 0,
  since: 10,
  readySince: 0,
  supervisorWants: 'down',
  lastExit: { code: 7, signal: 0 },
  deaths: 1,
  failed: false,
};
const STARTING: LongrunObservation = { ...DOWN, state: 'up', pid: 5, since: 20, supervisorWants: 'up' };

const judge = (attempt: Attempt, now: LongrunObservation) => judgeBy(attempt, now, () => 1);

test("deaths before readiness are its supervisor's to judge, and too many of them a failure", () => {
  const attempt = attemptFrom('up', DOWN);
  judge(attempt, STARTING);
  const waiting: LongrunObservation = {
    ...DOWN,
    since: 30,
    supervisorWants: 'up',
    lastExit: { code: 3, signal: 0 },
    deaths: 2,
  };
  expect(judge(attempt, waiting)).toMatchObject({ kind: 'pending' });
  const again: LongrunObservation = { ...STARTING, pid: 6, since: 40, lastExit: { code: 3, signal: 0 }, deaths: 2 };
  expect(judge(attempt, again)).toMatchObject({ kind: 'pending' });
  const finishing: LongrunObservation = { ...again, state: 'finishing', ready: false, since: 50, deaths: 3 };
  expect(judge(attempt, finishing)).toMatchObject({ kind: 'pending' });
  const second: LongrunObservation = { ...waiting, since: 60, deaths: 3 };
  expect(judge(attempt, second)).toMatchObject({ kind: 'failure', cause: 'exited', exit: { code: 3, signal: 0 } });
  expect(judge(attempt, { ...again, ready: true })).toMatchObject({ kind: 'success' });
});

test('who counts no deaths is counted for', () => {
  const attempt = attemptFrom('up', DOWN);
  const down = (since: number): LongrunObservation => ({ ...DOWN, since, supervisorWants: 'up' });
  expect(judge(attempt, down(20))).toMatchObject({ kind: 'pending' });
  expect(judge(attempt, down(30))).toMatchObject({ kind: 'failure', cause: 'exited' });
});

test('one that is started again at once is judged while the next one runs', () => {
  const attempt = attemptFrom('up', DOWN);
  for (const pid of [5, 6]) expect(judge(attempt, { ...STARTING, pid, since: pid })).toMatchObject({ kind: 'pending' });
  expect(judge(attempt, { ...STARTING, pid: 7, since: 40 })).toMatchObject({ kind: 'failure', cause: 'exited' });
});

test('how a process ended is told once its supervisor has given up', () => {
  const attempt = attemptFrom('up', DOWN);
  expect(judge(attempt, STARTING)).toMatchObject({ kind: 'pending' });
  const finishing: LongrunObservation = { ...STARTING, state: 'finishing', pid: 6, since: 30 };
  expect(judge(attempt, finishing)).toMatchObject({ kind: 'pending' });
  const counted = { ...finishing, lastExit: { code: 3, signal: 0 }, deaths: 2 };
  expect(judge(attempt, counted)).toMatchObject({ kind: 'pending' });
  const givenUp: LongrunObservation = { ...counted, state: 'down', pid: 0, supervisorWants: 'down', failed: true };
  expect(judge(attempt, givenUp)).toMatchObject({ kind: 'failure', cause: 'gave-up', exit: { code: 3, signal: 0 } });
});

test('a death that is never counted is seen once nothing runs', () => {
  const attempt = attemptFrom('up', DOWN);
  judge(attempt, STARTING);
  expect(judge(attempt, { ...DOWN, since: 40 })).toMatchObject({ kind: 'failure', cause: 'exited' });
});
