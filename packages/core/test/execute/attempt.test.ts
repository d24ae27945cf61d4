import { expect, test } from 'vitest';
import { attemptFrom, judge } from '../../src/execute/attempt.ts';
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

test('how a process ended is told once its death is counted, not from the one before', () => {
  const attempt = attemptFrom('up', DOWN);
  expect(judge(attempt, STARTING)).toMatchObject({ is: 'pending' });
  const finishing: LongrunObservation = { ...STARTING, state: 'finishing', pid: 6, since: 30 };
  expect(judge(attempt, finishing)).toMatchObject({ is: 'pending' });
  const counted = { ...finishing, lastExit: { code: 3, signal: 0 }, deaths: 2 };
  expect(judge(attempt, counted)).toMatchObject({ is: 'failure', cause: 'exited', exit: { code: 3, signal: 0 } });
});

test('a death that is never counted is seen once nothing runs', () => {
  const attempt = attemptFrom('up', DOWN);
  judge(attempt, STARTING);
  expect(judge(attempt, { ...DOWN, since: 40 })).toMatchObject({ is: 'failure', cause: 'exited' });
});
