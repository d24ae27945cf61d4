import { WorkQueue } from '@muster/core/execute/work-queue';
import { serviceId } from '@muster/core/model/database';
import { stepIndex } from '@muster/core/plan/plan';
import { expect, test } from 'vitest';

test('whatever comes in the midst of the work is done by the loop that runs, and the loop rests once', () => {
  const done: string[] = [];
  let depth = 0;
  const within = (what: string, work: () => void = () => {}) => {
    depth++;
    done.push(`${depth}: ${what}`);
    work();
    depth--;
  };
  const queue: WorkQueue = new WorkQueue({
    look: (service) => within(`look at ${service}`, () => queue.act(() => within('act'))),
    hasRoom: () => true,
    launch: (step) => within(`launch ${step}`, () => queue.touch(serviceId(4))),
    rest: () => within('rest'),
    broke: (error) => {
      throw error;
    },
  });
  queue.add(stepIndex(0));
  queue.add(stepIndex(1));
  queue.work();
  expect(done).toEqual(['1: launch 0', '1: look at 4', '1: act', '1: launch 1', '1: look at 4', '1: act', '1: rest']);
});

test('what is thrown closes the queue, and is told once', () => {
  const told: unknown[] = [];
  const queue = new WorkQueue({
    look: () => {
      throw new Error('a port refused');
    },
    hasRoom: () => true,
    launch: () => {},
    rest: () => told.push('rest'),
    broke: (error) => told.push(error),
  });
  queue.touch(serviceId(0));
  queue.touch(serviceId(1));
  queue.act(() => told.push('act'));
  expect(told).toEqual([new Error('a port refused')]);
  expect(queue.isClosed).toBe(true);
});
