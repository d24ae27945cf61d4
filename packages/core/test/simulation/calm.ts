/** After the storm: what is asked for must be reached, at once and for good. */

import { isSuccess } from '../../src/execute/outcome.ts';
import { closure, reachable } from '../../src/graph/closure.ts';
import { targetsOf } from '../../src/graph/edges.ts';
import { everyService, type ServiceId, servicesByName } from '../../src/model/database.ts';
import { type Goal, select } from '../../src/plan/goal.ts';
import { WELL_BEHAVED } from './behaviour.ts';
import type { Machine } from './machine.ts';
import { RuleBroken } from './rules.ts';
import { brief, type Simulation } from './simulation.ts';

/** From now on everything behaves, and nobody interferes. */
export async function calm(simulation: Simulation): Promise<void> {
  const { machine, rules } = simulation;
  machine.startTree();
  for (const service of everyService(machine.database)) machine.behaviours[service] = WELL_BEHAVED;
  simulation.drain();
  rules.excusesRepetition = true;
  for (const service of everyService(machine.database)) machine.endWhatHangs(service);
  simulation.drain();
  checkNothingHeld(machine);
  await reachUp(simulation);
  await restartSome(simulation);
  await reachDown(simulation);
  checkNothingHeld(machine);
}

async function reachUp(simulation: Simulation): Promise<void> {
  const { machine } = simulation;
  const { database } = machine;
  const names = simulation.random.some(database.names, 0.5);
  const { selection } = select(database, names);
  const goal: Goal = { goal: 'up', selection, prune: false, forced: false };
  const first = await simulation.change(goal);
  if (first.refused.some(({ why }) => why === 'conflict' || why === 'essential')) return;
  const target = reachable(database.needs, selection.named);
  for (const [name, service] of servicesByName(database)) {
    if (target[service] === 0) continue;
    if (!machine.isUp(service)) throw new RuleBroken(`in calm, ${name} did not come up: ${brief(first)}`);
    if (machine.records[service]!.wanted === 'no') throw new RuleBroken(`${name} is up and not wanted`);
  }
  if (!isSuccess(first)) throw new RuleBroken(`all is up, and yet it failed: ${brief(first)}`);
  const before = moves(machine);
  const second = await simulation.change(goal);
  if (!isSuccess(second) || second.up.length + second.down.length > 0 || moves(machine) !== before) {
    throw new RuleBroken(`the second time was not nothing: ${brief(second)}`);
  }
}

/** Exactly what was up is up again, and what restarted did so once. */
async function restartSome(simulation: Simulation): Promise<void> {
  const { machine } = simulation;
  const { database } = machine;
  const before = everyService(database).map((service) => machine.isUp(service));
  const starts = [...machine.starts];
  const { selection } = select(database, simulation.random.some(database.names, 0.2));
  const wasWhole = everyService(database).every((service) => !before[service] || needsAreUp(machine, service));
  const outcome = await simulation.change({ goal: 'restart', selection, forced: true });
  if (!wasWhole || outcome.refused.some(({ why }) => why === 'conflict')) return;
  for (const [name, service] of servicesByName(database)) {
    const wanted = machine.records[service]!.wanted !== 'no';
    // Something that had failed and was selected too may have taken its rival's place.
    const isExcused = outcome.down.includes(service) && isBesideRival(machine, service);
    if (before[service] && !machine.isUp(service) && !isExcused) {
      throw new RuleBroken(`${name} did not return: ${brief(outcome)}`);
    }
    if (!before[service] && machine.isUp(service) && !wanted) throw new RuleBroken(`${name} came up in a restart`);
    if (machine.starts[service]! > starts[service]! + 1) throw new RuleBroken(`${name} restarted more than once`);
    const named = before[service] && selection.named.includes(service);
    if (named && machine.starts[service] === starts[service]) throw new RuleBroken(`${name} did not restart`);
  }
}

/** A rival of it, or of something that it needs, is up. */
function isBesideRival(machine: Machine, service: ServiceId): boolean {
  const { database } = machine;
  return [service, ...closure(database.needs, [service])].some((one) =>
    targetsOf(database.conflicts, one).some((rival) => machine.isUp(rival)),
  );
}

function needsAreUp(machine: Machine, service: ServiceId): boolean {
  return targetsOf(machine.database.needs, service).every((need) => machine.isUp(need));
}

async function reachDown(simulation: Simulation): Promise<void> {
  const { machine } = simulation;
  const { selection } = select(machine.database, machine.database.names);
  const outcome = await simulation.change({ goal: 'down', selection, prune: false, forced: true, release: false });
  for (const [name, service] of servicesByName(machine.database)) {
    if (!machine.isDown(service)) throw new RuleBroken(`in calm, ${name} did not go down: ${brief(outcome)}`);
  }
  if (!isSuccess(outcome)) throw new RuleBroken(`all is down, and yet it failed: ${brief(outcome)}`);
}

/** How many processes and scripts were started and stopped, ever. */
function moves({ starts, stops }: Machine): number {
  return [...starts, ...stops].reduce((sum, count) => sum + count, 0);
}

function checkNothingHeld(machine: Machine): void {
  if (machine.locks.held() > 0) throw new RuleBroken(`${machine.locks.held()} locks are still held`);
  const open = machine.openWatches() + machine.locks.waiting();
  if (open > 0) throw new RuleBroken(`${open} watches are still open`);
}
