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
  /** Longruns on the way up: the process that must become ready; 0: not seen yet. */
  pid: number;
  /** Longruns: the supervisor's `failed` still is the one from before. */
  failedBefore: boolean;
  /** Oneshots: the script was seen running. */
  ran: boolean;
}

export type Verdict =
  | { readonly is: 'pending' }
  | { readonly is: 'success' }
  | { readonly is: 'failure'; readonly cause: FailureCause; readonly exit: Exit | null };

const PENDING: Verdict = { is: 'pending' };
const SUCCESS: Verdict = { is: 'success' };

export function attemptFrom(action: Action, base: Observation): Attempt {
  const longrun = base.kind === 'longrun' ? base : undefined;
  return {
    action,
    base,
    pid: longrun?.state === 'up' ? longrun.pid : 0,
    failedBefore: longrun?.failed ?? false,
    ran: base.kind === 'oneshot' && base.running === action,
  };
}

export function judge(attempt: Attempt, now: Observation): Verdict {
  switch (now.kind) {
    case 'unsupervised':
      return { is: 'failure', cause: 'unsupervised', exit: null };
    case 'oneshot':
      return judgeScript(attempt, now);
    case 'longrun':
      return judgeLongrun(attempt, now);
  }
}

function judgeLongrun(attempt: Attempt, now: LongrunObservation): Verdict {
  switch (attempt.action) {
    case 'up':
      return judgeStart(attempt, now);
    case 'down':
      return now.state === 'down' && now.supervisorWants === 'down' ? SUCCESS : PENDING;
    case 'reload':
      return SUCCESS;
  }
}

function judgeStart(attempt: Attempt, now: LongrunObservation): Verdict {
  if (now.unexecutable) return { is: 'failure', cause: 'unexecutable', exit: null };
  if (hasDied(attempt, now)) return { is: 'failure', cause: now.failed ? 'gave-up' : 'exited', exit: now.lastExit };
  if (now.state !== 'up') return PENDING;
  attempt.pid = now.pid;
  return now.ready && now.supervisorWants === 'up' ? SUCCESS : PENDING;
}

/** A process that dies before it is ready has failed, even if its supervisor has started another one since. */
function hasDied(attempt: Attempt, now: LongrunObservation): boolean {
  if (!now.failed) attempt.failedBefore = false;
  else if (!attempt.failedBefore) return true;
  const { base } = attempt;
  if (attempt.pid !== 0 && (now.state !== 'up' || now.pid !== attempt.pid)) {
    // On runit it is `finish` that counts a death and says how it came: what is said until then is of an earlier one.
    return !(now.state === 'finishing' && base.kind === 'longrun' && now.deaths === base.deaths);
  }
  if (base.kind !== 'longrun') return false;
  // Deaths may be counted a moment before the status tells how the process ended: that moment is waited for.
  if (now.deaths > base.deaths) return now.state !== 'up' || now.ready;
  // It came and went between two looks, and the supervisor does not count deaths.
  return base.state === 'down' && now.state === 'down' && now.since !== base.since;
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
  return { is: 'failure', cause: 'exited', exit };
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

/** Of a longrun that had come up: it ended badly, nobody wanted that, and it is not back. */
export function diedSince({ state, supervisorWants, failed, lastExit }: LongrunObservation): boolean {
  if (state === 'up' || lastExit === null || (supervisorWants === 'down' && !failed)) return false;
  return !isCleanExit(lastExit);
}
