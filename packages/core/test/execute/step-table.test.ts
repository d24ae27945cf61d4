/** The one owner of what state a step is in: nothing illegal happens to a step, however it is asked for. */
import type { Contention } from '@muster/core/execute/ports';
import { DONE, mayFollow } from '@muster/core/execute/step-state';
import { type StepTable, tableOf } from '@muster/core/execute/step-table';
import { InvariantBroken } from '@muster/core/invariant';
import { serviceId } from '@muster/core/model/database';
import { type Step, type StepIndex, stepIndex } from '@muster/core/plan/plan';
import { describe, expect, test } from 'vitest';

const CONTENTION: Contention = { service: serviceId(7), holder: null, deadlock: false };
const QUEUED = { kind: 'queued', contention: null } as const;

function step(service: number, action: 'up' | 'down', after: number[] = [], afterEnd: number[] = []): Step<null> {
  return {
    service: serviceId(service),
    action,
    reason: null,
    after: after.map(stepIndex),
    afterEnd: afterEnd.map(stepIndex),
  };
}

/** What `conclude` says that follows. */
function conclude(table: StepTable, index: StepIndex, end: Parameters<StepTable['conclude']>[1]): string[] {
  const said: string[] = [];
  table.conclude(index, end, {
    freed: (freed) => said.push(`${freed} freed`),
    skipped: (skipped, because) => said.push(`${skipped} skipped because of ${because}`),
  });
  return said;
}

const [FIRST, SECOND, THIRD] = [0, 1, 2].map(stepIndex) as [StepIndex, StepIndex, StepIndex];

describe('what may not happen is said to be a bug', () => {
  const table = () => tableOf({ steps: [step(0, 'up'), step(1, 'up', [0])] });

  test('a step that has ended ends again', () => {
    const steps = table();
    steps.enter(FIRST, QUEUED);
    conclude(steps, FIRST, DONE);
    expect(() => conclude(steps, FIRST, DONE)).toThrow(InvariantBroken);
    expect(() => steps.leave(FIRST)).toThrow('step 0 (up of service 0)');
    expect(steps.stateOf(FIRST)).toEqual(DONE);
    expect(steps.open).toBe(1);
  });

  test('a step begins before what it waits for', () => {
    expect(() => table().enter(SECOND, QUEUED)).toThrow(InvariantBroken);
  });

  test('a step moves without having been free to begin', () => {
    expect(() => table().enter(FIRST, { kind: 'settling' })).toThrow(InvariantBroken);
  });

  test('a step is to wait for one that has ended, or begins to wait when it is under way', () => {
    const steps = table();
    steps.enter(FIRST, QUEUED);
    expect(() => steps.orderAfterEnd(SECOND, FIRST)).toThrow('does not wait for others');
    conclude(steps, FIRST, DONE);
    expect(() => steps.orderAfterEnd(FIRST, SECOND)).toThrow(InvariantBroken);
  });

  test('a gate moves a service', () => {
    const steps = tableOf({ steps: [step(0, 'down'), step(1, 'up')], stopsFirst: true });
    expect(steps.isGate(THIRD)).toBe(true);
    expect(() => steps.moveOf(THIRD)).toThrow(InvariantBroken);
  });
});

test('ended states lead nowhere, and every other one has a way to an end', () => {
  const kinds = ['waiting', 'queued', 'contended', 'clearing', 'moving', 'settling', 'done', 'missed', 'left'] as const;
  for (const ended of ['done', 'missed', 'left'] as const)
    expect(kinds.filter((kind) => mayFollow(ended, kind))).toEqual([]);
  for (const kind of kinds.slice(0, 6))
    expect(
      kinds.slice(6).some((ended) => mayFollow(kind, ended)),
      kind,
    ).toBe(true);
});

test('the end of a step frees those that only waited for it, and takes those along that needed it', () => {
  const table = tableOf({ steps: [step(0, 'up'), step(1, 'up', [0]), step(2, 'up', [1]), step(3, 'up', [], [0])] });
  table.enter(FIRST, QUEUED);
  const because = serviceId(9);
  expect(conclude(table, FIRST, { kind: 'missed', because }).sort()).toEqual([
    '1 skipped because of 9',
    '2 skipped because of 9',
    '3 freed',
  ]);
  expect(table.stateOf(THIRD)).toEqual({ kind: 'missed', because });
  expect(table.causeOfMiss({ service: serviceId(2), action: 'up' })).toBe(because);
  expect(table.open).toBe(1);
});

test('who waits for a lock stops listening as soon as that is over, however it is', () => {
  for (const leave of [
    (table: StepTable) => table.enter(FIRST, { kind: 'queued', contention: CONTENTION }),
    (table: StepTable) => table.leave(FIRST),
    (table: StepTable) => table.postpone(FIRST),
  ]) {
    const table = tableOf({ steps: [step(0, 'up')] });
    let isOpen = true;
    const watch = { close: () => (isOpen = false) };
    table.enter(FIRST, QUEUED);
    table.enter(FIRST, { kind: 'contended', contention: CONTENTION, watch });
    expect(isOpen).toBe(true);
    leave(table);
    expect(isOpen).toBe(false);
  }
});

test('what was postponed waits for what is said then, and for nothing else', () => {
  const table = tableOf({ steps: [step(0, 'up')] });
  table.enter(FIRST, QUEUED);
  table.postpone(FIRST);
  const added = table.add({ service: serviceId(1), action: 'up' });
  table.orderAfterSuccess(added, FIRST);
  expect([table.isFree(FIRST), table.isFree(added)]).toEqual([false, true]);
  expect(table.isAwaitedBy(added, FIRST)).toBe(true);
  table.enter(added, QUEUED);
  expect(conclude(table, added, DONE)).toEqual(['0 freed']);
  expect(table.isFree(FIRST)).toBe(true);
});
