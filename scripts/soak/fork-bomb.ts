/** Ten minutes (or as many seconds as the first argument says) of a fork bomb and a log flood beside 50 good services. */
import { join } from 'node:path';
import { pidsCgroupMissing } from '../../packages/posix/test/pids-cgroup.ts';
import { bomb } from '../../packages/tree/test/fork-bomb.ts';

const SERVICES = 50;
const PROCESSES = 200;
const seconds = Number(process.argv[2] ?? process.env.SOAK_SECONDS ?? 600);

if (pidsCgroupMissing !== null) {
  console.log(`skipped: ${pidsCgroupMissing}`);
  process.exit(0);
}
console.log(`${seconds} s of a fork bomb in a container of ${PROCESSES} processes, ${SERVICES} of them good`);
const muster = join(import.meta.dirname, '../../build/muster');
const report = await bomb({ duration: seconds * 1000, services: SERVICES, processes: PROCESSES, muster });
console.log(`${report.refusals} times there was no process to be had; ${report.orders} orders`);
for (const kind of ['lost', 'unanswered'] as const) {
  console.log(`${kind}: ${report[kind].length}`);
  for (const line of report[kind]) console.log(`  ${line}`);
}
process.exit(report.refusals > 0 && report.lost.length + report.unanswered.length === 0 ? 0 : 1);
