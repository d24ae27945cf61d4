/** After the storm: everything behaves, nobody interferes, and what is asked for must be reached, at once and for good. */
import { constants as os } from 'node:os';
import { isSuccess, type Outcome } from '@muster/core/execute/outcome';
import { reachable } from '@muster/core/graph/closure';
import { everyService, servicesByName } from '@muster/core/model/database';
import { select } from '@muster/core/plan/goal';
import { goalOf } from '@muster/core/test/goal-of';
import { RuleBroken } from '@muster/core/test/simulation/rules';
import { WELL_BEHAVED } from './daemon.ts';
import { isAlive } from './kernel.ts';
import type { Machine } from './machine.ts';
import { brief, type Simulation } from './simulation.ts';
import { SCANDIR } from './tree-life.ts';

/** Milliseconds: longer than any delay, and than `finish` may take. */
const LONG = 8000;

export async function calm(simulation: Simulation): Promise<void> {
  const { machine, kernel, daemons } = simulation;
  for (const name of daemons.keys()) daemons.set(name, WELL_BEHAVED);
  // What was to go wrong has, by then.
  await simulation.pass(LONG);
  kernel.isLacking = false;
  for (const name of daemons.keys()) {
    kernel.disk.directories.get(`${SCANDIR}/${name}`)!.set('run', '#!/bin/true');
    for (const process of kernel.living(name))
      if (process.role !== 'run' || process.notifiedAt === 0) kernel.end(process, os.signals.SIGKILL);
  }
  await simulation.pass(LONG);
  if (!machine.treeIsAlive) throw new RuleBroken('nobody has begun another life of the tree');
  checkTruth(machine);
  checkWanted(machine);
  checkNothingHeld(machine);
  await reachUp(simulation);
  await restartSome(simulation);
  await reachDown(simulation);
  checkTruth(machine);
  checkNothingHeld(machine);
}

/** What the tree says is what is so. */
function checkTruth(machine: Machine): void {
  const { database, kernel, vigil } = machine;
  for (const name of database.names) {
    const alive = kernel.living(name).map(({ pid }) => pid);
    const told = machine.status(name)?.pid ?? 0;
    if (alive.length > 1 || (alive[0] ?? 0) !== told)
      throw new RuleBroken(`of ${name} the tree tells pid ${told}, and there are ${alive}`);
    const run = vigil.of(name).run;
    if (run !== undefined && isAlive(run) && run.pid !== told) throw new RuleBroken(`${name} is another process`);
  }
}

function checkWanted(machine: Machine): void {
  for (const [name, service] of servicesByName(machine.database)) {
    if (machine.status(name)?.wantUp && !machine.isUp(service))
      throw new RuleBroken(`${name} is to be up, and is not: ${JSON.stringify(machine.look(service))}`);
  }
}

async function reachUp(simulation: Simulation): Promise<void> {
  const { machine } = simulation;
  const { database } = machine;
  const { selection } = select(database, simulation.random.some(database.names, 0.5));
  const goal = goalOf('up', selection);
  const first = await simulation.change(goal);
  if (first.refused.length > 0) return;
  const target = reachable(database.needs, selection.named);
  for (const [name, service] of servicesByName(database)) {
    if (target[service] === 0) continue;
    if (!machine.isUp(service)) throw new RuleBroken(`in calm, ${name} did not come up: ${brief(first)}`);
  }
  if (!isSuccess(first)) throw new RuleBroken(`all is up, and yet it failed: ${brief(first)}`);
  const before = starts(machine);
  const second = await simulation.change(goal);
  if (!isSuccess(second) || second.up.length + second.down.length > 0 || starts(machine) !== before)
    throw new RuleBroken(`the second time was not nothing: ${brief(second)}`);
}

/** Exactly what was up is up again, as another process. */
async function restartSome(simulation: Simulation): Promise<void> {
  const { machine } = simulation;
  const { database } = machine;
  const before = everyService(database).map((service) => (machine.isUp(service) ? machine.starts(service) : null));
  const { selection } = select(database, simulation.random.some(database.names, 0.3));
  const outcome = await simulation.change(goalOf('restart', selection));
  if (outcome.refused.length > 0 || database.conflicts.targets.length > 0) return;
  for (const service of selection.named) {
    const starts = before[service];
    if (starts === null || starts === undefined) continue;
    const again = machine.starts(service) - starts;
    if (!machine.isUp(service) || again !== 1)
      throw new RuleBroken(`${database.names[service]} was started ${again} times in a restart: ${brief(outcome)}`);
  }
}

async function reachDown(simulation: Simulation): Promise<void> {
  const { machine } = simulation;
  const { selection } = select(machine.database, machine.database.names);
  const outcome: Outcome = await simulation.change(goalOf('down', selection));
  for (const [name, service] of servicesByName(machine.database)) {
    if (!machine.isDown(service)) throw new RuleBroken(`in calm, ${name} did not go down: ${brief(outcome)}`);
  }
  if (!isSuccess(outcome)) throw new RuleBroken(`all is down, and yet it failed: ${brief(outcome)}`);
}

function starts(machine: Machine): number {
  return everyService(machine.database).reduce((sum, service) => sum + machine.starts(service), 0);
}

function checkNothingHeld(machine: Machine): void {
  const held = machine.locks.held();
  if (held > 0) throw new RuleBroken(`${held} locks are still held`);
  const open = machine.openWatches() + machine.locks.waiting();
  if (open > 0) throw new RuleBroken(`${open} watches are still open`);
}
