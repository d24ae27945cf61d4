/** The engine and the embedded tree together in a simulated world, a hundred thousand times. MUSTER_SIMULATION_SEED: where seeds begin. */
import { simulateMany } from '../../packages/tree/test/simulation/simulate.ts';

const RUNS = 100_000;
const AT_ONCE = 5000;
const first = Number(process.env.MUSTER_SIMULATION_SEED ?? 1);

let events = 0;
for (let done = 0; done < RUNS; done += AT_ONCE) events += (await simulateMany(first + done, AT_ONCE)).events;
console.log(`${RUNS} runs, seeds ${first} to ${first + RUNS - 1}, ${events} events: no rule was broken`);
