/**
 * Kills rc-update at every system call that changes the world and at 1,000 random moments, for ten updates, on the embedded
 * tree and under s6; likewise rc-compile, rc-init and rc-change. Arguments: how many moments (1000), a seed,
 * and one backend.
 */
import {
  type CommandCrash,
  changeCrash,
  compileCrash,
  disturbAll,
  initCrash,
  killingAfter,
  killingAt,
} from '../../packages/cli/test/crash/command-crash.ts';
import { straceMissing } from '../../packages/cli/test/crash/mutations.ts';
import { s6Missing, s6Site } from '../../packages/cli/test/crash/s6-site.ts';
import { SCENARIOS } from '../../packages/cli/test/crash/scenarios.ts';
import { UpdateCrash, type Violation } from '../../packages/cli/test/crash/update-crash.ts';
import { TestSite } from '../../packages/cli/test/update/test-site.ts';
import { Random } from '../../packages/core/test/simulation/random.ts';

const moments = Number(process.argv[2] ?? 1000);
const seed = Number(process.argv[3] ?? Date.now() % 2 ** 31);
const only = process.argv[4];
const backends = ['embedded', ...(s6Missing() === null ? ['s6'] : [])].filter(
  (name) => only === undefined || name === only,
);
const missing = [straceMissing(), s6Missing()].filter((text) => text !== null);
for (const text of missing) console.log(`not everything can be done: ${text}`);
console.log(`seed ${seed}`);

const random = new Random(seed);

const violations: Violation[] = [];
let kills = 0;

async function siteFor(backend: string) {
  return backend === 's6' ? await s6Site() : { site: new TestSite(), initArgs: [] };
}

for (const backend of backends) {
  for (const scenario of SCENARIOS) {
    const { site, initArgs } = await siteFor(backend);
    const crash = await UpdateCrash.boot(scenario, site, initArgs);
    try {
      const mutations = straceMissing() === null ? await crash.mutations() : [];
      for (const mutation of mutations) await crash.killAt(mutation);
      const atCalls = crash.kills;
      const longest = await crash.duration();
      for (let n = 0; n < moments / SCENARIOS.length; n++) await crash.killAfter(random.fraction() * longest * 1.1);
      const counts = `${atCalls} at calls, ${crash.kills - atCalls} at moments up to ${longest.toFixed(0)} ms`;
      const ends = `${crash.completed} completed, ${crash.violations.length} wrong`;
      console.log(`${backend}  ${scenario.name}: killed ${counts}; ${ends}`);
      violations.push(...crash.violations);
      kills += crash.kills;
    } finally {
      crash.site.remove();
    }
  }
  for (const make of [compileCrash, initCrash, changeCrash.bind(null, '-u'), changeCrash.bind(null, '-d')]) {
    const { site, initArgs } = await siteFor(backend);
    await killCommand(backend, await make(initArgs, site));
  }
}

async function killCommand(backend: string, crash: CommandCrash): Promise<void> {
  try {
    const mutations = straceMissing() === null ? await crash.mutations() : [];
    const atCalls = mutations.map((mutation) => [mutation.line, killingAt(mutation)] as const);
    const atMoments = Array.from({ length: Math.ceil(moments / 10) }, () => random.fraction() * 120).map(
      (delay) => [`${delay.toFixed(1)} ms`, killingAfter(delay)] as const,
    );
    const found = await disturbAll(crash, [...atCalls, ...atMoments]);
    const counts = `${atCalls.length} at calls, ${atMoments.length} at moments`;
    console.log(`${backend}  ${crash.name}: killed ${counts}; ${found.length} wrong`);
    violations.push(...found);
    kills += atCalls.length + atMoments.length;
  } finally {
    crash.remove();
  }
}

for (const { scenario, at, problem } of violations) console.log(`WRONG  ${scenario}, at ${at}\n       ${problem}`);
console.log(`${kills} kills, ${violations.length} of them with something wrong afterwards`);
process.exit(violations.length === 0 ? 0 : 1);
