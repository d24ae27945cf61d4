/** Whether a service that runs has died, and has not lived long enough since (core/model/stability.ts). */
import type { LongrunObservation, Observation } from '@muster/core/model/observation';
import type { ServiceRecord } from '@muster/core/model/record';
import { hasComeBack, STABLE_AFTER } from '@muster/core/model/stability';
import { processAge } from '@muster/posix/process';

export function isUnstable(record: ServiceRecord, seen: Observation): boolean {
  return hasComeBack(record, seen) && (!seen.ready || lifeOf(seen) < STABLE_AFTER);
}

/** Milliseconds that its process has been up, or ready; no setting of the clock makes it older. */
function lifeOf({ pid, since, readySince }: LongrunObservation): number {
  const age = processAge(pid) ?? 0;
  const delay = readySince > 0 ? readySince - since : 0;
  // Else the clock was set before it was ready.
  return delay >= 0 && delay <= age ? age - delay : age;
}
