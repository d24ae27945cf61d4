/**
 * Whether a longrun that runs can be counted on. A first start can; once its process has died, and nobody had asked for that,
 * the next one has to live for a while first. Without this a service that dies again and again would look well whenever
 * somebody happens to look between two deaths. This is the only place that decides it: rc-status, rc-wait, rc-why and the starts
 * of what needs it all ask here.
 */
import type { Database, ServiceId } from './database.ts';
import type { LongrunObservation, Observation } from './observation.ts';
import type { ServiceRecord } from './record.ts';

/** Milliseconds that a service must live, once it is up or ready, to be counted on after a death; `stable-after` may say another time. */
const STABLE_AFTER = 5000;

/** Milliseconds: a supervisor's stamps are finer than a record's. */
const RESOLUTION = 1;

export interface StabilitySources {
  readonly database: Pick<Database, 'definition'>;
  /** Milliseconds that the process that was seen has been up, or ready; no setting of the clock makes it older. */
  readonly supervisor: { life(seen: LongrunObservation): number };
}

/** Milliseconds that `service` must live to be counted on, if it has died and has not lived so long since; else null. */
export function unstableBelow(
  { database, supervisor }: StabilitySources,
  service: ServiceId,
  record: ServiceRecord,
  seen: Observation,
): number | null {
  if (!hasComeBack(record, seen)) return null;
  const definition = database.definition(service);
  const stableAfter = (definition.type === 'longrun' ? definition.stableAfter : null) ?? STABLE_AFTER;
  return !seen.ready || supervisor.life(seen) < stableAfter ? stableAfter : null;
}

/** The process that runs is not the one that came up when the service was brought up: that one has died since. */
function hasComeBack({ transition, phase, ended }: ServiceRecord, seen: Observation): seen is LongrunObservation {
  if (seen.kind !== 'longrun' || seen.state !== 'up' || seen.supervisorWants !== 'up') return false;
  return transition === 'up' && phase === 'done' && seen.since >= ended + RESOLUTION;
}
