/**
 * The state of a service as people see it, out of what Muster remembers (the record) and what can be seen (the
 * observation). This is the only place that decides it: rc-status, rc-why, rc-events and rc-graph all ask here. What has to
 * do with starting and stopping, rc-wait among it, asks what the engine asks (condition.ts).
 *
 *     up, ready   as it should be; `ready` if it said so itself
 *     starting    runs and is not ready yet, or is about to run
 *     stopping    was told to stop, and something of it still runs
 *     backoff     died, and its supervisor will start it again
 *     unstable    died and runs again, and has not lived long enough since to be counted on (stability.ts)
 *     failed      is wanted, and will not come up by itself: the last start failed, or it died for good
 *     blocked     is wanted and down, because something that it needs is not up
 *     done        has ended as it may, and counts as up
 *     down        neither runs nor failed
 */
import { targetsOf } from '../graph/edges.ts';
import { conditionUnderLease, isDone } from './condition.ts';
import type { Database, ServiceId } from './database.ts';
import type { Exit, LongrunObservation, NoObservation, Observation, OneshotObservation } from './observation.ts';
import type { FailureCause, ServiceRecord, Transition } from './record.ts';

export type StateName =
  | 'up'
  | 'ready'
  | 'starting'
  | 'stopping'
  | 'done'
  | 'down'
  | 'failed'
  | 'blocked'
  | 'backoff'
  | 'unstable';

export type StateReason =
  | { readonly why: 'none' }
  /** The last start, or the last stop, failed. */
  | { readonly why: 'start-failed' | 'stop-failed'; readonly cause: FailureCause; readonly exit: Exit | null }
  /** It was up, and its process ended: for good, or until it is started again. */
  | { readonly why: 'died'; readonly exit: Exit | null }
  /** It died, runs again, and has not lived so many milliseconds since. */
  | { readonly why: 'came-back'; readonly exit: Exit | null; readonly stableAfter: number }
  /** Its supervisor tries to start it, in vain: `run` is nothing that can be executed. */
  | { readonly why: 'unexecutable' }
  /** It was up, and somebody stopped it past Muster. */
  | { readonly why: 'stopped-by-hand' }
  /** Who began the transition died, or its end is not known yet. */
  | { readonly why: 'unfinished'; readonly transition: Exclude<Transition, 'none'> }
  /** These are not up. */
  | { readonly why: 'needs'; readonly services: readonly ServiceId[] }
  /** It is wanted, nothing hinders it, and nobody has started it. */
  | { readonly why: 'not-started' }
  /** Its script talks to the operator: on the terminal of who started it, or through rc-answer. */
  | { readonly why: 'asks'; readonly through: 'terminal' | 'answer' }
  /** `odd`: what is there instead of what the supervisor says. */
  | { readonly why: 'unsupervised'; readonly odd?: string };

export interface ServiceState {
  readonly name: StateName;
  readonly reason: StateReason;
  /** Milliseconds since the epoch; 0 means never changed. */
  readonly since: number;
}

export interface Sight {
  readonly record: ServiceRecord;
  readonly observation: Observation;
  /** Milliseconds that it must live to be counted on, if it has died and has not lived so long since; else null (stability.ts). */
  readonly unstableBelow: number | null;
}

/** The state of one service. `sight` is asked for that service, and for what it needs if it is wanted and down. */
export function stateOf(database: Database, service: ServiceId, sight: (service: ServiceId) => Sight): ServiceState {
  const seen = sight(service);
  const { record } = seen;
  const own = ownState(seen);
  if (own.name !== 'down' || record.wanted === 'no') return own;
  const missing = [...targetsOf(database.needs, service)].filter((need) => !isUp(sight(need)));
  if (missing.length === 0) return { ...own, reason: { why: 'not-started' } };
  return { ...own, name: 'blocked', reason: { why: 'needs', services: missing } };
}

function isUp({ record, observation }: Sight): boolean {
  return conditionUnderLease(record, observation) === 'up';
}

/** Without regard to other services: `blocked` does not occur. */
export function ownState({ record, observation, unstableBelow }: Sight): ServiceState {
  switch (observation.kind) {
    case 'longrun':
      return longrunState(record, observation, unstableBelow);
    case 'oneshot':
      return oneshotState(record, observation);
    case 'unsupervised':
      return unsupervisedState(record, observation);
  }
}

function longrunState(record: ServiceRecord, seen: LongrunObservation, stableAfter: number | null): ServiceState {
  const state = (name: StateName, reason: StateReason): ServiceState => ({ name, reason, since: seen.since });
  if (isDone(record, seen)) return state('done', { why: 'none' });
  switch (seen.state) {
    case 'up':
      if (seen.supervisorWants === 'down') return state('stopping', stopFailure(record));
      if (stableAfter !== null) return state('unstable', { why: 'came-back', exit: seen.lastExit, stableAfter });
      if (!seen.ready) return state('starting', startFailure(record));
      return state(seen.readySince > 0 ? 'ready' : 'up', { why: 'none' });
    case 'finishing':
      if (seen.supervisorWants === 'down') return state('stopping', stopFailure(record));
      return state('backoff', { why: 'died', exit: seen.lastExit });
    case 'down':
      return restingState(record, seen);
  }
}

function restingState(record: ServiceRecord, seen: LongrunObservation): ServiceState {
  const state = (name: StateName, reason: StateReason): ServiceState => ({ name, reason, since: seen.since });
  if (seen.supervisorWants === 'up' && !seen.failed) {
    if (seen.unexecutable) return state('backoff', { why: 'unexecutable' });
    const isFirst = record.transition === 'up' && record.phase === 'begun' && seen.since < record.began;
    if (isFirst) return state('starting', { why: 'none' });
    return state('backoff', { why: 'died', exit: seen.lastExit });
  }
  if (record.transition === 'up' && record.phase === 'begun') {
    return state('starting', { why: 'unfinished', transition: 'up' });
  }
  if (record.wanted === 'no' || record.transition !== 'up') return state('down', { why: 'none' });
  if (record.phase === 'failed') return state('failed', startFailure(record));
  if (seen.failed) return state('failed', { why: 'died', exit: seen.lastExit });
  return state('failed', { why: 'stopped-by-hand' });
}

function oneshotState(record: ServiceRecord, seen: OneshotObservation): ServiceState {
  const reason: StateReason = seen.asks === undefined ? { why: 'none' } : { why: 'asks', through: seen.asks };
  if (seen.running === 'up') return { name: 'starting', reason, since: seen.since };
  if (seen.running === 'down') return { name: 'stopping', reason, since: seen.since };
  const since = record.ended || (seen.last?.at ?? 0);
  switch (conditionUnderLease(record, { ...seen, running: null })) {
    case 'up':
      return { name: 'up', reason: stopFailure(record), since };
    case 'down': {
      const failed = record.wanted !== 'no' && record.transition === 'up';
      const { exit } = seen.last ?? { exit: null };
      if (!failed) return { name: 'down', reason: { why: 'none' }, since };
      if (record.phase === 'failed') return { name: 'failed', reason: startFailure(record), since };
      return { name: 'failed', reason: { why: 'start-failed', cause: 'exited', exit }, since };
    }
    case 'between': {
      const transition = record.transition === 'down' ? 'down' : 'up';
      const name = transition === 'up' ? 'starting' : 'stopping';
      return { name, reason: { why: 'unfinished', transition }, since: record.began };
    }
  }
}

function unsupervisedState(record: ServiceRecord, { lost, odd }: NoObservation): ServiceState {
  const reason: StateReason = { why: 'unsupervised', ...(odd === undefined ? {} : { odd }) };
  const since = record.ended || record.began;
  if (record.transition === 'up' && record.phase === 'done') return { name: lost ? 'failed' : 'up', reason, since };
  if (record.phase === 'begun') return { name: record.transition === 'up' ? 'starting' : 'stopping', reason, since };
  return { name: record.wanted === 'no' ? 'down' : 'failed', reason, since };
}

function startFailure({ transition, phase, cause, exit }: ServiceRecord): StateReason {
  return transition === 'up' && phase === 'failed' ? { why: 'start-failed', cause, exit } : { why: 'none' };
}

function stopFailure({ transition, phase, cause, exit }: ServiceRecord): StateReason {
  return transition === 'down' && phase === 'failed' ? { why: 'stop-failed', cause, exit } : { why: 'none' };
}
