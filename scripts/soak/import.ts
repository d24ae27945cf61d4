/** A hundred thousand random originals for each format of rc-import: nothing crashes, hangs, or loses a line. */
import { FUZZED, fuzz } from '../../packages/import/test/fuzz.ts';

const RUNS = 100_000;

for (const fuzzed of FUZZED) {
  fuzz(fuzzed, RUNS);
  console.log(`${fuzzed.format.name}: ${RUNS} random originals`);
}
