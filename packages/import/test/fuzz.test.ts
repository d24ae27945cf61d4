/** The same with many more runs: scripts/soak/import.ts. */
import { test } from 'vitest';
import { FUZZED, fuzz } from './fuzz.ts';

test.each(FUZZED.map((each) => [each.format.name, each] as const))(
  '%s: no random original crashes, or loses a line',
  (_, fuzzed) => {
    fuzz(fuzzed, 500);
  },
);
