/**
 * What the engine must know of one service at one moment, out of what Muster remembers and what a supervisor sees.
 *
 *     up       those that need it may start; nothing is to be done to have it up
 *     down     nothing of it runs; nothing is to be done to have it down
 *     between  starting, stopping, dying, or left half done by somebody who died: either way something is to be done
 *
 * Longruns are what their supervisor says; one that has ended as it may is up, until somebody brings it down. A oneshot is what its last script made of it, which the record tells, unless
 * the writer of the record did not see the end of that script: then the runner's memory tells.
 */
import {
  isCleanExit,
  type LongrunObservation,
  type NoObservation,
  type Observation,
  type OneshotObservation,
} from './observation.ts';
import type { ServiceRecord } from './record.ts';

export type Condition = 'up' | 'down' | 'between';

/** For planning: a transition that somebody has begun and not ended is `between`, whatever can be seen already. */
export function conditionOf(record: ServiceRecord, observation: Observation): Condition {
  return record.phase === 'begun' ? 'between' : conditionUnderLease(record, observation);
}

/** For who holds the service's lock, and so knows that a transition which is `begun` was abandoned. */
export function conditionUnderLease(record: ServiceRecord, observation: Observation): Condition {
  switch (observation.kind) {
    case 'longrun':
      return isDone(record, observation) ? 'up' : longrunCondition(observation);
    case 'oneshot':
      return observation.running === null ? oneshotCondition(record, observation) : 'between';
    case 'unsupervised':
      return unsupervisedCondition(record, observation);
  }
}

/** A longrun that was brought up, and has ended since as it may: what needs it has had it. */
export function isDone({ transition, phase, began, ended }: ServiceRecord, seen: Observation): boolean {
  if (seen.kind !== 'longrun' || seen.done !== true || transition !== 'up') return false;
  // Of a transition whose end nobody saw, or that was given up, it may be the end of the time before.
  return phase === 'done' || seen.since >= (phase === 'failed' ? ended : began);
}

function longrunCondition(observation: LongrunObservation): Condition {
  if (observation.state === 'up' && observation.ready && observation.supervisorWants === 'up') return 'up';
  if (observation.state === 'down' && (observation.supervisorWants === 'down' || observation.failed)) return 'down';
  return 'between';
}

function oneshotCondition(record: ServiceRecord, { last }: OneshotObservation): Condition {
  switch (record.phase) {
    case 'done':
      return record.transition === 'none' ? lastSays(last) : record.transition;
    case 'failed':
      // An end that the record's writer saw leaves the service as it was; otherwise the script may have ended since.
      if (record.cause !== 'exited') return lastSays(last);
      return record.transition === 'up' ? 'down' : 'up';
    case 'begun':
      if (last?.action !== record.transition) return 'between';
      // A script that failed left the service as it was; if nobody knew how that was, nobody does now.
      return record.cause === 'unfinished' && !isCleanExit(last.exit) ? 'between' : lastSays(last);
  }
}

/** A script that failed changed nothing; one that reloads does so only while the service is up. */
function lastSays(last: OneshotObservation['last']): 'up' | 'down' {
  if (last === null) return 'down';
  const succeeded = isCleanExit(last.exit);
  switch (last.action) {
    case 'up':
      return succeeded ? 'up' : 'down';
    case 'down':
      return succeeded ? 'down' : 'up';
    case 'reload':
      return 'up';
  }
}

/** Without a supervisor nothing is known of processes; scripts that are over stay over, and what will be adopted goes on. */
function unsupervisedCondition({ transition, phase }: ServiceRecord, { lost }: NoObservation): Condition {
  if (transition === 'none') return 'down';
  if (phase !== 'done') return 'between';
  return transition === 'up' && lost ? 'between' : transition;
}
