/** Telling people in what the supervision tree that runs is unlike the first one. */
import { tell } from '../output.ts';

export function tellDifferences(differences: readonly string[]): void {
  if (differences.length === 0) return;
  tell('the supervision tree was started again, and could not be given all that the first one had:\n');
  for (const difference of differences) tell(`  ${difference}\n`);
}
