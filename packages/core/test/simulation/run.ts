/** Runs changes on a simulated machine until nothing is left to happen. */

import { type ExecuteOptions, type Execution, execute } from '../../src/execute/executor.ts';
import type { Outcome } from '../../src/execute/outcome.ts';
import { everyService } from '../../src/model/database.ts';
import { planChange } from '../../src/plan/change.ts';
import { type Goal, select } from '../../src/plan/goal.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { observedWorld } from '../../src/plan/world.ts';
import { type GoalOptions, goalOf } from '../goal-of.ts';
import { type Behaviour, WELL_BEHAVED } from './behaviour.ts';
import { Client, Killed } from './client.ts';
import { databaseOf, type Node } from './graph.ts';
import { Machine } from './machine.ts';
import { VirtualClock } from './virtual-clock.ts';

export interface Rig {
  readonly machine: Machine;
  /** A new command each time it is asked for. */
  client(): Client;
  goal(goal: Goal['goal'], names: readonly string[], options?: GoalOptions): Goal;
  plan(goal: Goal): Plan;
  start(goal: Goal, options?: ExecuteOptions): Execution & { readonly client: Client };
  /** Lets everything happen that will. */
  settle(): void;
  /** A whole change, from the plan to the outcome. */
  change(goal: Goal, options?: ExecuteOptions): Promise<Outcome>;
  names(services: readonly (number | { readonly service: number })[]): string[];
  up(): string[];
}

export function rigOf(
  nodes: readonly Node[],
  behaviours: Readonly<Record<string, Behaviour>> = {},
  bundles: Readonly<Record<string, readonly string[]>> = {},
): Rig {
  const database = databaseOf(nodes, bundles);
  const clock = new VirtualClock();
  const machine = new Machine(
    database,
    clock,
    nodes.map(({ name }) => behaviours[name] ?? WELL_BEHAVED),
  );
  let pid = 1;
  const client = () => new Client(machine, pid++);
  const worldOf = ({ ports }: Client) => observedWorld(ports);
  const settle = () => {
    while (stepAlive(clock));
  };
  const start = (goal: Goal, options: ExecuteOptions = {}) => {
    const one = client();
    return { ...execute(database, planChange(database, worldOf(one), goal), one.ports, options), client: one };
  };
  return {
    machine,
    client,
    goal: (goal, names, options) => {
      const { selection, unknown } = select(database, names);
      if (unknown.length > 0) throw new Error(`unknown: ${unknown.join(', ')}`);
      return goalOf(goal, selection, options);
    },
    plan: (goal) => planChange(database, worldOf(client()), goal),
    start,
    settle,
    change: (goal, options) => {
      const { done } = start(goal, options);
      settle();
      return done;
    },
    names: (services) =>
      services.map((service) => database.names[typeof service === 'number' ? service : service.service]!),
    up: () =>
      everyService(database)
        .filter((id) => machine.isUp(id))
        .map((id) => database.names[id]!),
  };
}

/** One event of the clock; a client that is killed by it takes nobody along. */
export function stepAlive(clock: VirtualClock): boolean {
  try {
    return clock.step();
  } catch (error) {
    if (error instanceof Killed) return true;
    throw error;
  }
}
