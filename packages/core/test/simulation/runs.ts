/** Many histories in a row; the first that breaks a rule is named by its seed, with which `simulate` replays it. */
import { simulate } from './simulate.ts';

export interface Tally {
  readonly runs: number;
  readonly events: number;
  readonly milliseconds: number;
}

/** Of the environment: where seeds begin (instead of 1), and how many times as many runs. */
const FIRST = Number(process.env.MUSTER_SIMULATION_SEED ?? 1);
const TIMES = Number(process.env.MUSTER_SIMULATION_TIMES ?? 1);

export async function simulateMany(offset: number, runs: number, sizeOf: (seed: number) => number): Promise<Tally> {
  const started = Date.now();
  let events = 0;
  const first = FIRST + offset;
  const last = first + runs * TIMES;
  for (let seed = first; seed < last; seed++) {
    const size = sizeOf(seed);
    try {
      events += (await simulate(seed, size)).events;
    } catch (error) {
      throw new Error(`simulate(${seed}, ${size}) broke a rule: ${error instanceof Error ? error.stack : error}`);
    }
  }
  const milliseconds = Date.now() - started;
  console.log(`simulation: ${last - first} runs, seeds ${first} to ${last - 1}, ${events} events, ${milliseconds} ms`);
  return { runs: last - first, events, milliseconds };
}
