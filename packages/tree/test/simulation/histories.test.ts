/** Histories that once went wrong, each with no more than it takes. */
import { expect, test } from 'vitest';
import { RELIABLE, WELL_BEHAVED } from './daemon.ts';
import { alone, calmly } from './scenario.ts';
import { PLAIN } from './settings.ts';
import { Simulation } from './simulation.ts';
import { storm } from './storm.ts';

test("a change's reminder does not undo a giving up while finish still runs", async () => {
  const requests = [{ ...calmly, at: 0, goal: 'up' }] as const;
  const simulation = new Simulation({
    ...alone(1, { ...PLAIN, policy: 'never', hasFinish: true }, { ...RELIABLE, slow: 1 }),
    requests,
  });
  // Long enough for the change to remind the tree of what it has asked for.
  simulation.daemons.set('s0', {
    ...WELL_BEHAVED,
    start: () => ({ ready: null, death: 5, waitStatus: 1 << 8, letsGo: false }),
    finish: () => 3000,
  });
  await storm(simulation);
  expect(simulation.running[0]!.outcome!.failed).toMatchObject([{ service: 0, cause: 'gave-up' }]);
  expect(simulation.machine.status('s0')).toMatchObject({ wantUp: false, pid: 0 });
  expect(simulation.vigil.of('s0').starts).toBe(1);
});

test('of a start that the tree was killed in it is told that it is up, and then that it is ready', async () => {
  const simulation = new Simulation({
    ...alone(1, PLAIN, { ...RELIABLE, slow: 1 }),
    requests: [{ ...calmly, at: 0, goal: 'up' }],
    faults: [{ at: 0, fault: 'kill the tree', call: 1000, fork: 0, away: 100, usurped: false }],
  });
  const told: string[] = [];
  const { vigil } = simulation;
  const tell = vigil.told.bind(vigil);
  vigil.told = (name, letter) => {
    told.push(letter);
    tell(name, letter);
  };
  await storm(simulation);
  expect(simulation.machine.lives).toBe(2);
  expect(told.filter((letter) => letter === 'u' || letter === 'U')).toEqual(['u', 'U']);
});
