/**
 * `count.mjs RESULTS STATUS [must-run-all]`: prints N passed, N failed as the last line, and exits with 0 if nothing failed.
 * RESULTS is what vitest's JSON reporter wrote, STATUS the exit status of the whole run.
 */
import { readFileSync } from 'node:fs';

const [path, status, mustRunAll] = process.argv.slice(2);
const { numPassedTests = 0, numFailedTests = 0, testResults = [] } = read(path);
const notRun = testResults
  .flatMap(({ assertionResults }) => assertionResults)
  .filter((test) => test.status !== 'passed' && test.status !== 'failed')
  .map(({ fullName }) => fullName);
const skipped = mustRunAll === 'must-run-all' ? notRun : [];
for (const name of skipped) console.log(`skipped, and this machine can run it: ${name}`);
// What is not a test, such as a check, fails without a number.
const failed = numFailedTests + skipped.length || (status === '0' ? 0 : 1);
console.log(`${numPassedTests} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : Number(status) || 1);

function read(results) {
  try {
    return JSON.parse(readFileSync(results, 'utf8'));
  } catch {
    // Nothing is written by a run that does not come to its tests.
    return {};
  }
}
