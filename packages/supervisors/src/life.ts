/** For how long a longrun can have been counted on (core/model/stability.ts). */
import type { LongrunObservation } from '@muster/core/model/observation';
import { processAge } from '@muster/posix/process';

/** Milliseconds that its process has been up, or ready; no setting of the clock makes it older. */
export function lifeOf({ pid, since, readySince }: LongrunObservation): number {
  const age = processAge(pid) ?? 0;
  const delay = readySince > 0 ? readySince - since : 0;
  // Else the clock was set before it was ready.
  return delay >= 0 && delay <= age ? age - delay : age;
}
