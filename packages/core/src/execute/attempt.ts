/** Judges a transition that was begun, from what can be seen since: it goes on, it succeeded, or it failed. */
import {
  type Exit,
  isCleanExit,
  type LongrunObservation,
  type Observation,
  type OneshotObservation,
} from '../model/observation.ts';
import type { FailureCause, ServiceRecord } from '../model/record.ts';
import type { Action } from '../plan/plan.ts';

export interface Attempt {
  readonly action: Action;
  /** What was seen before anything was done. */
  readonly base: Observation;
  /** Longruns on the way up: the process that must become ready; 0 if none is seen. */
  pid: number;
  /** Longruns on the way up: those that died before they were ready; and of these, those that were not just counted. */
  deaths: number;
  seenDeaths: number;
  /** Since when it was down when that was seen last; null if it was not seen since a process was. */
  downSince: number | null;
  /** Longruns: the supervisor's `failed` still is the one from before. */
  failedBefore: boolean;
  /** Oneshots: the script was seen running. */
  ran: boolean;
}

export type Verdict =
  | { readonly kind: 'pending' }
  | { readonly kind: 'success' }
  | { readonly kind: 'failure'; readonly cause: FailureCause; readonly exit: Exit | null };

const PENDING: Verdict = { kind: 'pending' };
const SUCCESS: Verdict = { kind: 'success' };

export function attemptFrom(action: Action, base: Observation): Attempt {
  const longrun = base.kind === 'longrun' ? base : undefined;
  return {
    action,
    base,
    pid: longrun?.state === 'up' ? longrun.pid : 0,
    deaths: 0,
    seenDeaths: 0,
    downSince: longrun?.state === 'down' ? longrun.since : null,
    failedBefore: longrun?.failed ?? false,
    ran: base.kind === 'oneshot' && base.running === action,
  };
}

/** `mostDeaths`: of a longrun before it is ready, should its supervisor start it again for ever. */
export function judge(attempt: Attempt, now: Observation, mostDeaths: () => number): Verdict {
  switch (now.kind) {
    case 'unsupervised':
      return { kind: 'failure', cause: 'unsupervised', exit: null };
    case 'oneshot':
      return judgeScript(attempt, now);
    case 'longrun':
      return judgeLongrun(attempt, now, mostDeaths);
  }
}

function judgeLongrun(attempt: Attempt, now: LongrunObservation, mostDeaths: () => number): Verdict {
  switch (attempt.action) {
    case 'up':
      return judgeStart(attempt, now, mostDeaths);
    case 'down':
      return now.state === 'down' && now.supervisorWants === 'down' ? SUCCESS : PENDING;
    case 'reload':
      return SUCCESS;
  }
}

/** A death before readiness counts like any other: whether it is tried again is its supervisor's to say. */
function judgeStart(attempt: Attempt, now: LongrunObservation, mostDeaths: () => number): Verdict {
  if (now.unexecutable) return { kind: 'failure', cause: 'unexecutable', exit: null };
  countDeaths(attempt, now);
  if (isNewlyDone(attempt, now)) return SUCCESS;
  if (hasGivenUp(attempt, now)) return { kind: 'failure', cause: 'gave-up', exit: now.lastExit };
  if (now.state === 'up' && now.ready && now.supervisorWants === 'up') return SUCCESS;
  // Before `finish` has ended nobody knows for certain how the process did, nor whether it will be started again.
  if (attempt.deaths === 0 || now.state === 'finishing') return PENDING;
  const isLeftDown = now.state === 'down' && now.supervisorWants === 'down';
  if (!isLeftDown && attempt.deaths <= mostDeaths()) return PENDING;
  return { kind: 'failure', cause: 'exited', exit: now.lastExit };
}

/** It has come up and ended since, as it may. */
function isNewlyDone({ base }: Attempt, now: LongrunObservation): boolean {
  if (now.done !== true) return false;
  return base.kind !== 'longrun' || base.done !== true || base.since !== now.since || base.deaths !== now.deaths;
}

function hasGivenUp(attempt: Attempt, now: LongrunObservation): boolean {
  if (!now.failed) attempt.failedBefore = false;
  return now.failed && !attempt.failedBefore;
}

/** A supervisor may count deaths, or forget them; a process may come and go between two looks. */
function countDeaths(attempt: Attempt, now: LongrunObservation): void {
  const { base } = attempt;
  if (attempt.pid !== 0 && (now.state !== 'up' || now.pid !== attempt.pid)) {
    attempt.seenDeaths++;
    attempt.downSince = null;
  } else if (now.state === 'down' && now.since !== (attempt.downSince ?? now.since)) attempt.seenDeaths++;
  if (now.state === 'down') attempt.downSince = now.since;
  attempt.pid = now.state === 'up' ? now.pid : 0;
  const counted = base.kind === 'longrun' ? now.deaths - base.deaths : 0;
  attempt.deaths = Math.max(attempt.deaths, attempt.seenDeaths, counted);
}

function judgeScript(attempt: Attempt, now: OneshotObservation): Verdict {
  if (now.running === attempt.action) attempt.ran = true;
  if (now.running !== null || now.last === null) return PENDING;
  const { base } = attempt;
  const before = base.kind === 'oneshot' ? base.last : null;
  const isNew = attempt.ran || before === null || before.action !== now.last.action || before.at !== now.last.at;
  if (!isNew || now.last.action !== attempt.action) return PENDING;
  const { exit } = now.last;
  if (isCleanExit(exit)) return SUCCESS;
  return { kind: 'failure', cause: 'exited', exit };
}

/** Nothing of the service runs, and nothing will by itself. */
export function isAtRest(seen: Observation): boolean {
  switch (seen.kind) {
    case 'longrun':
      return seen.state === 'down' && (seen.supervisorWants === 'down' || seen.failed);
    case 'oneshot':
      return seen.running === null;
    case 'unsupervised':
      return true;
  }
}

/** Something of an earlier transition runs, and would be mistaken for this one or disturb it. */
export function mustEndFirst(action: Action, seen: Observation): boolean {
  if (seen.kind === 'oneshot') return seen.running !== null && seen.running !== action;
  return action === 'up' && seen.kind === 'longrun' && seen.state === 'up' && seen.supervisorWants === 'down';
}

/**
 * Who began the opposite was killed, or failed, right after its order: the supervisor may not have read it yet. What is
 * said now comes after it.
 */
export function mayHearOtherwise(action: Action, { phase, transition }: ServiceRecord, seen: Observation): boolean {
  return seen.kind === 'longrun' && phase === 'begun' && transition !== action;
}

/**
 * By Muster, and the supervisor has read it: to say it again would send a second signal. A process that was started after
 * that, past Muster, to run once was told nothing.
 */
export function wasToldToStop({ transition, phase, began, ended }: ServiceRecord, seen: Observation): boolean {
  if (seen.kind !== 'longrun' || seen.state !== 'up' || seen.supervisorWants !== 'down') return false;
  const told = transition === 'down' ? began : phase === 'failed' ? ended : 0;
  return seen.since <= told;
}

/**
 * Of a longrun that had come up as process `pid`: it died, and nobody wanted that, whether or not another process is there
 * by now. What is done has not died, and whether something has is not known as long as nobody knows how it ended.
 */
export function diedSince(pid: number, seen: LongrunObservation): boolean {
  const { state, pid: now, supervisorWants, failed, done, lastExit } = seen;
  if (state === 'up' && now === pid) return false;
  if (done === true || (state === 'finishing' && lastExit === null)) return false;
  return failed || supervisorWants === 'up';
}
