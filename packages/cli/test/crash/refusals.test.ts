/** Some of the refusals that `npm run soak refusals` tries all of. */
import { describe, expect, test } from 'vitest';
import { straceMissing } from './mutations.ts';
import { refusals } from './refusals.ts';
import { SCENARIOS } from './scenarios.ts';
import { UpdateCrash } from './update-crash.ts';

/** One of so many is tried: prime to the number of refusals of a call, so that each kind is met. */
const STRIDE = 89;

const noStrace = straceMissing();
if (noStrace !== null) console.log(`refusals of system calls are skipped: ${noStrace}`);

describe.runIf(noStrace === null)('an update that the system refuses something is done or undone, and says so', () => {
  test.each([1, 3, 6].map((index) => [SCENARIOS[index]!.name, index] as const))('%s', async (_name, index) => {
    const crash = await UpdateCrash.boot(SCENARIOS[index]!);
    try {
      const calls = await crash.refusable();
      const all = [...refusals(calls)];
      for (let at = index; at < all.length; at += STRIDE) await crash.refuseAt(...all[at]!);
      expect(crash.violations).toEqual([]);
      expect(crash.kills).toBeGreaterThan(all.length / STRIDE / 3);
    } finally {
      crash.site.remove();
    }
  });
});
