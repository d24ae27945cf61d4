/** The clock is set back by an hour, as happens when a machine without a clock of its own learns the time. */
import type { Status } from '@muster/supervise/s6/status';
import type { RestartRules } from '@muster/supervise/tree/service/restart-policy';
import { Restarts } from '@muster/supervise/tree/service/restarts';
import { expect, test } from 'vitest';

const HOUR = 3_600_000;
const BEFORE = Date.UTC(2026, 0, 1, 12);
const AFTER = BEFORE - HOUR;

const rules = (more: Partial<RestartRules> = {}): RestartRules => ({
  policy: 'always',
  delay: null,
  limit: null,
  ...more,
});
const status = (stamp: number): Status => ({
  stamp,
  readyStamp: stamp,
  pid: 0,
  waitStatus: 256,
  paused: false,
  finishing: false,
  wantUp: true,
  ready: false,
});
const deathsAt = (...times: number[]) => times.map((at) => ({ at, exit: { code: 1, signal: 0 } }));
const death = (at: number) => ({ at, lasted: 10, isWanted: false, isSuccess: false });

test('a service that was ready before is due a second later, not an hour', () => {
  const restarts = new Restarts();
  restarts.started();
  restarts.ready(BEFORE);
  expect(restarts.dueAt(rules(), status(BEFORE), BEFORE + 300)).toBe(BEFORE + 1000);
  expect(restarts.dueAt(rules(), status(BEFORE), BEFORE + 5000)).toBe(BEFORE + 1000);
  expect(restarts.dueAt(rules(), status(AFTER), AFTER)).toBe(AFTER + 1000);
});

test('restart-delay is counted from now at the latest', () => {
  const restarts = new Restarts();
  const delayed = rules({ delay: { delayMin: 200, delayMax: 200 } });
  expect(restarts.dueAt(delayed, status(BEFORE), BEFORE + 50)).toBe(BEFORE + 200);
  expect(restarts.dueAt(delayed, status(BEFORE), AFTER)).toBe(AFTER + 200);
});

test('restart-limit counts no deaths that are still to come', () => {
  const limited = rules({ limit: { count: 2, window: 60_000 } });
  const restarts = new Restarts();
  const times = [BEFORE, BEFORE + 1, AFTER];
  expect(restarts.judge(limited, death(AFTER), deathsAt(...times))).toBe('goes on');
});

test('restart-limit counts although it was forgiven at a time that is still to come', () => {
  const limited = rules({ limit: { count: 2, window: 60_000 } });
  const restarts = new Restarts();
  restarts.forgive(BEFORE);
  const times = [AFTER, AFTER + 1, AFTER + 2];
  expect(restarts.judge(limited, death(AFTER + 2), deathsAt(...times))).toBe('is given up');
});
