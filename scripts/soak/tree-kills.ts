/** Kills the tree 1,000 times (or as often as the first argument says) at random moments, and reports what was lost. */
import { join } from 'node:path';
import { killAgainAndAgain } from '../../packages/tree/test/kills.ts';

const rounds = Number(process.argv[2] ?? 1000);
const seed = Number(process.argv[3] ?? Math.floor(Math.random() * 2 ** 31));
const muster = join(import.meta.dirname, '../../build/muster');
console.log(`${rounds} kills of the tree, seed ${seed}`);
const report = await killAgainAndAgain({ rounds, seed, command: [muster, 'svscan'], longest: 120 });
console.log(`${report.kills} kills, ${report.starts} starts of services`);
for (const kind of ['lost', 'duplicated', 'unwatched'] as const) {
  console.log(`${kind}: ${report[kind].length}`);
  for (const line of report[kind]) console.log(`  ${line}`);
}
process.exit(report.lost.length + report.duplicated.length + report.unwatched.length === 0 ? 0 : 1);
