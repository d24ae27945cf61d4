/**
 * Ten changes and updates at once, 200 times (or as often as the first argument says), while some of them and the
 * embedded tree are killed. Further arguments: a seed, and a supervisor (embedded, s6, runit).
 */
import { Melee } from '../../packages/cli/test/crash/melee.ts';
import { siteUnder } from '../../packages/cli/test/crash/s6-site.ts';
import type { Kind } from '../../packages/cli/test/end-to-end/supervisors.ts';

const rounds = Number(process.argv[2] ?? 200);
const seed = Number(process.argv[3] ?? Date.now() % 2 ** 31);
console.log(`${rounds} rounds, seed ${seed}`);

const { site, initArgs } = await siteUnder((process.argv[4] ?? 'embedded') as Kind);
const melee = new Melee(seed, site, initArgs);
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
