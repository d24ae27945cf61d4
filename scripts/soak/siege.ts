/**
 * Kills trees 2,000 times (or as often as the first argument says), in twelve sieges side by side (or as many as the second
 * says), since a keeper gives up a tree that dies too often. A third argument: the seed.
 */
import { Siege, siegeMissing } from '../../packages/cli/test/crash/siege.ts';

const kills = Number(process.argv[2] ?? 2000);
const sites = Number(process.argv[3] ?? 12);
const seed = Number(process.argv[4] ?? Date.now() % 2 ** 31);
const missing = siegeMissing();
if (missing !== null) {
  console.log(`not done: ${missing}`);
  process.exit(1);
}
console.log(`${kills} kills of ${sites} trees, seed ${seed}`);

/** Rounds from one look at everything to the next. */
const BETWEEN_CALMS = 10;
const total = { commands: 0, commandsKilled: 0, treesKilled: 0, fillings: 0, boots: 0 };
let wrong = 0;
/** Rounds of all sites. */
let rounds = 0;

await Promise.all(Array.from({ length: sites }, (_, index) => besiege(index)));
console.log(
  `${total.treesKilled} trees and ${total.commandsKilled} of ${total.commands} commands killed, ${total.fillings} ` +
    `fillings, ${total.boots} boots: ${wrong} things wrong`,
);
process.exit(wrong === 0 ? 0 : 1);

async function besiege(index: number): Promise<void> {
  const siege = new Siege(seed + index);
  const own = Math.ceil(kills / sites);
  try {
    await siege.boot();
    for (let round = 1; round <= own; round++) {
      tell(index, round, await siege.round());
      if (++rounds % 100 === 0) console.log(`${rounds} rounds, each with a tree killed: ${wrong} things wrong`);
      if (round % BETWEEN_CALMS === 0 || round === own) tell(index, round, await siege.calm());
    }
    tell(index, own, await siege.end());
  } catch (error) {
    tell(index, 0, [String(error)]);
  } finally {
    siege.remove();
    for (const key of Object.keys(total) as (keyof typeof total)[]) total[key] += siege.counts[key];
  }
}

function tell(index: number, round: number, problems: readonly string[]): void {
  for (const problem of problems) console.log(`WRONG  site ${index}, round ${round}: ${problem}`);
  wrong += problems.length;
}
