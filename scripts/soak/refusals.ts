/**
 * Lets the system refuse every call of rc-update in turn that opens, writes, makes, renames or removes something, with each
 * of four errors, that call only and all of its kind from there on, for three updates on the embedded tree. Arguments:
 * one of so many is tried (1), and one scenario.
 */
import { straceMissing } from '../../packages/cli/test/crash/mutations.ts';
import { refusals } from '../../packages/cli/test/crash/refusals.ts';
import { SCENARIOS } from '../../packages/cli/test/crash/scenarios.ts';
import { UpdateCrash, type Violation } from '../../packages/cli/test/crash/update-crash.ts';

const stride = Number(process.argv[2] ?? 1);
const scenarios = process.argv[3] === undefined ? [1, 3, 6] : [Number(process.argv[3])];
const missing = straceMissing();
if (missing !== null) {
  console.log(`nothing can be refused: ${missing}`);
  process.exit(0);
}

const violations: Violation[] = [];
let runs = 0;
for (const scenario of scenarios.map((index) => SCENARIOS[index]!)) {
  const crash = await UpdateCrash.boot(scenario);
  try {
    const calls = await crash.refusable();
    let at = 0;
    for (const [call, refusal] of refusals(calls)) if (at++ % stride === 0) await crash.refuseAt(call, refusal);
    const counts = `${calls.length} calls, ${crash.kills} runs that failed, ${crash.misses} that did not mind`;
    console.log(`${scenario.name}: ${counts}; ${crash.violations.length} wrong`);
    violations.push(...crash.violations);
    runs += crash.kills + crash.misses;
  } finally {
    crash.site.remove();
  }
}
for (const { scenario, at, problem } of violations) console.log(`WRONG  ${scenario}, at ${at}\n       ${problem}`);
console.log(`${runs} runs, ${violations.length} things wrong`);
process.exit(violations.length === 0 ? 0 : 1);
