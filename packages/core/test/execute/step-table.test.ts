import { StepTable } from '@muster/core/execute/step-table';
import { InvariantBroken } from '@muster/core/invariant';
import { serviceId } from '@muster/core/model/database';
import { expect, test } from 'vitest';

test('a step that has ended cannot end again', () => {
  const table = new StepTable();
  const step = table.add(serviceId(0), 'up');
  table.close(step, 'done');
  expect(() => table.close(step, 'missed')).toThrow(InvariantBroken);
  expect(table.states[step]).toBe('done');
  expect(table.open).toBe(0);
});
