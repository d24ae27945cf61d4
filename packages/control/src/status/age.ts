/** For how long a service has been as it is. The dates of states are by a clock that can be set; this is not. */
import type { Observation } from '@muster/core/model/observation';
import type { ServiceState } from '@muster/core/model/state';
import { bootTime } from '@muster/posix/boot-time';
import { processAge } from '@muster/posix/process';

/** Milliseconds; null if it has never changed. */
export function ageOf({ state, observation }: { readonly state: ServiceState; readonly observation: Observation }) {
  if (state.since === 0) return null;
  const pid = observation.kind === 'unsupervised' ? 0 : observation.pid;
  return (pid > 0 ? processAge(pid) : null) ?? timeSince(state.since);
}

/** Since a date, as far as it can be known: what is still to come is new, and nothing here is older than the boot. */
export function timeSince(date: number): number {
  return Math.min(Math.max(0, Date.now() - date), bootTime());
}
