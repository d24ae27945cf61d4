/** Commands that have many services before them: the engine is told, and compiles what runs often as early as it can. */
import { runtime } from '@muster/posix/runtime/runtime';

/** From here on, what is done for each service is a larger part of a command than its start. */
export const MANY = 500;

export function prepareFor(services: number): void {
  if (services >= MANY) runtime.expectMuchWork();
}
