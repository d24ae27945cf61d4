/**
 * Ten changes and updates at once, 200 times (or as often as the first argument says), while some of them and the
 * supervision tree are killed. The second argument is a seed.
 */
import { Melee } from '../../packages/cli/test/crash/melee.ts';

const rounds = Number(process.argv[2] ?? 200);
const seed = Number(process.argv[3] ?? Date.now() % 2 ** 31);
console.log(`${rounds} rounds, seed ${seed}`);

const melee = new Melee(seed);
let wrong = 0;
try {
  await melee.boot();
  for (let round = 1; round <= rounds; round++) {
    const problems = await melee.round();
    for (const problem of problems) console.log(`WRONG  round ${round}: ${problem}`);
    wrong += problems.length;
  }
} finally {
  melee.site.remove();
}
const { commands, killed, treesKilled } = melee.counts;
console.log(`${commands} commands, ${killed} of them and ${treesKilled} trees killed: ${wrong} things wrong`);
process.exit(wrong === 0 ? 0 : 1);
