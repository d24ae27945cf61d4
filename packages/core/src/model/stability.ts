/**
 * Whether a longrun that runs can be counted on. A first start can; once its process has died, and nobody had asked for that,
 * the next one has to live for a while first. Without this a service that dies again and again would look well whenever
 * somebody happens to look between two deaths.
 */
import type { LongrunObservation, Observation } from './observation.ts';
import type { ServiceRecord } from './record.ts';

/** Milliseconds that a service must live, once it is up or ready, to be counted on after a death. */
export const STABLE_AFTER = 5000;

/** Milliseconds: a supervisor's stamps are finer than a record's. */
const RESOLUTION = 1;

/** The process that runs is not the one that came up when the service was brought up: that one has died since. */
export function hasComeBack(
  { transition, phase, ended }: ServiceRecord,
  seen: Observation,
): seen is LongrunObservation {
  if (seen.kind !== 'longrun' || seen.state !== 'up' || seen.supervisorWants !== 'up') return false;
  return transition === 'up' && phase === 'done' && seen.since >= ended + RESOLUTION;
}
