/**
 * Some of the kills that `npm run soak` does all of: every so many system calls that change the world, and some moments.
 * Which ones are left out differs from scenario to scenario, so that each kind is met somewhere.
 */
import { describe, expect, test } from 'vitest';
import { type CommandCrash, changeCrash, compileCrash, disturbAll, initCrash, killingAt } from './command-crash.ts';
import { straceMissing } from './mutations.ts';
import { s6Missing, s6Site } from './s6-site.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';
import { UpdateCrash } from './update-crash.ts';

/** One of so many calls is killed at. */
const STRIDE = 12;
const MOMENTS = [3, 9, 14, 20, 27, 40];

const noStrace = straceMissing();
const noS6 = s6Missing();
if (noStrace !== null) console.log(`kills at system calls are skipped: ${noStrace}`);
if (noS6 !== null) console.log(`kills under s6 are skipped: ${noS6}`);

async function killSome(crash: UpdateCrash, first: number): Promise<void> {
  try {
    const mutations = noStrace === null ? await crash.mutations() : [];
    for (let at = first; at < mutations.length; at += STRIDE) await crash.killAt(mutations[at]!);
    for (const delay of MOMENTS) await crash.killAfter(delay);
    expect(crash.violations).toEqual([]);
    expect(crash.kills).toBeGreaterThan(mutations.length / STRIDE / 2);
  } finally {
    crash.site.remove();
  }
}

async function initCrashUnderS6(): Promise<CommandCrash> {
  const { site, initArgs } = await s6Site();
  return await initCrash(initArgs, site);
}

describe('an update that is killed is undone or completed by the next command', () => {
  test.each(SCENARIOS.map((scenario, index) => [scenario.name, scenario, index] as const))(
    '%s',
    async (_name, scenario, index) => killSome(await UpdateCrash.boot(scenario), index),
  );

  test.runIf(noS6 === null).each([SCENARIOS[1]!, SCENARIOS[3]!].map((scenario) => [scenario.name, scenario] as const))(
    'under s6: %s',
    async (_name, scenario: Scenario) => {
      const { site, initArgs } = await s6Site();
      await killSome(await UpdateCrash.boot(scenario, site, initArgs), 5);
    },
  );
});

describe.runIf(noStrace === null)('what was killed is done by the same command, called again:', () => {
  test.each([
    ['rc-compile', compileCrash],
    ['rc-init', () => initCrash()],
    ...(noS6 === null ? [['rc-init under s6', initCrashUnderS6] as const] : []),
    ['rc-change up', () => changeCrash('-u')],
    ['rc-change down', () => changeCrash('-d')],
  ] as const)('%s', async (_name, make) => {
    const crash = await make();
    try {
      const all = await crash.mutations();
      const mutations = all.filter((_, index) => all.length < 10 || index % 5 === 0);
      expect(mutations.length).toBeGreaterThan(1);
      expect(
        await disturbAll(
          crash,
          mutations.map((found) => [found.line, killingAt(found)] as const),
        ),
      ).toEqual([]);
    } finally {
      crash.remove();
    }
  });
});
