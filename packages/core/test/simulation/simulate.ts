/** One simulated history: first the storm, then calm. */
import { calm } from './calm.ts';
import { type History, Simulation } from './simulation.ts';
import { storm } from './storm.ts';

export async function simulate(seed: number, size: number): Promise<History> {
  const simulation = new Simulation(seed, size);
  await storm(simulation);
  await calm(simulation);
  return simulation.history();
}
