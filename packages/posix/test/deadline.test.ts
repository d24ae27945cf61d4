import { deadlineIn, NO_DEADLINE, timeLeft, within } from '@muster/posix/deadline';
import { until } from '@muster/posix/until';
import { afterEach, expect, test, vi } from 'vitest';

afterEach(() => vi.restoreAllMocks());

function at(moment: number): void {
  vi.spyOn(performance, 'now').mockReturnValue(moment);
}

test('no timeout, and one of 0, is no deadline', () => {
  expect(deadlineIn(undefined)).toBe(NO_DEADLINE);
  expect(deadlineIn(0)).toBe(NO_DEADLINE);
  expect(timeLeft(NO_DEADLINE)).toBe(Number.POSITIVE_INFINITY);
  expect(timeLeft(NO_DEADLINE, 5)).toBe(5);
  expect(within(NO_DEADLINE)).toEqual({});
});

test('what is left of a timeout is handed on, and never less than nothing', () => {
  at(1000);
  const deadline = deadlineIn(300);
  expect(timeLeft(deadline)).toBe(300);
  at(1200);
  expect(timeLeft(deadline)).toBe(100);
  expect(timeLeft(deadline, 40)).toBe(40);
  expect(within(deadline)).toEqual({ timeout: 100 });
  at(5000);
  expect(timeLeft(deadline)).toBe(0);
  // To the executor 0 would be no limit.
  expect(within(deadline)).toEqual({ timeout: 1 });
});

test('what holds at once is not waited for, without any time as well', async () => {
  let looks = 0;
  expect(await until(() => ++looks > 0, 0)).toBe(true);
  expect(looks).toBe(1);
});

test('what never holds is looked at, a last time when time is up', async () => {
  let looks = 0;
  at(0);
  const answer = until(() => {
    looks++;
    at(looks * 4);
    return false;
  }, 10);
  expect(await answer).toBe(false);
  // At 0, 4, 8, and at 12, which is past the end.
  expect(looks).toBe(3);
});

test('what comes to hold ends the waiting', async () => {
  let looks = 0;
  expect(await until(() => ++looks === 4, Number.POSITIVE_INFINITY)).toBe(true);
  expect(looks).toBe(4);
});
