/** Simulated histories: first the storm, then calm. The first that breaks a rule is named by its seed, and made smaller. */
import { calm } from './calm.ts';
import { type Scenario, scenarioOf } from './scenario.ts';
import { Simulation } from './simulation.ts';
import { storm } from './storm.ts';

export interface Tally {
  readonly runs: number;
  readonly events: number;
  readonly milliseconds: number;
}

export async function simulate(scenario: Scenario): Promise<number> {
  const simulation = new Simulation(scenario);
  await storm(simulation);
  await calm(simulation);
  return simulation.events;
}

export function sizeOf(seed: number): number {
  return 1 + (seed % 6);
}

export async function simulateMany(first: number, runs: number): Promise<Tally> {
  const started = Date.now();
  let events = 0;
  for (let seed = first; seed < first + runs; seed++) {
    const scenario = scenarioOf(seed, sizeOf(seed));
    try {
      events += await simulate(scenario);
    } catch (error) {
      throw new Error(await reportOf(scenario, error));
    }
  }
  const milliseconds = Date.now() - started;
  console.log(
    `the tree and the engine: ${runs} runs, seeds ${first} to ${first + runs - 1}, ${events} events, ${milliseconds} ms`,
  );
  return { runs, events, milliseconds };
}

/** Leaves out whatever is not needed for a rule to be broken. */
export async function smallest(scenario: Scenario): Promise<Scenario> {
  for (const part of ['faults', 'requests'] as const) {
    for (let index = scenario[part].length - 1; index >= 0; index--) {
      const without = { ...scenario, [part]: scenario[part].filter((_, at) => at !== index) };
      if (without.requests.length > 0 && (await breaks(without))) return smallest(without);
    }
  }
  return scenario;
}

async function breaks(scenario: Scenario): Promise<boolean> {
  try {
    await simulate(scenario);
    return false;
  } catch {
    return true;
  }
}

async function reportOf(scenario: Scenario, error: unknown): Promise<string> {
  const { seed, nodes } = scenario;
  const { requests, faults } = await smallest(scenario);
  const what = error instanceof Error ? error.stack : String(error);
  return `seed ${seed} with ${nodes.length} services broke a rule: ${what}\nwith no more than ${JSON.stringify({ requests, faults })}`;
}
