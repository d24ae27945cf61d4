/** What Muster itself remembers of one service in the live directory: what is wanted, and what was last done. */
import { CONTENT_HASH_SIZE } from './content-hash.ts';
import type { Exit } from './observation.ts';

export type Wanted = 'no' | 'pulled' | 'explicit';

/** The last transition: a service is up when its last one was an `up` that is `done`. */
export type Transition = 'none' | 'up' | 'down';

export type TransitionPhase =
  /** Written before the supervisor is told anything; found by a later command, it means that the writer died. */
  'begun' | 'done' | 'failed';

export type FailureCause =
  | 'none'
  /** A script, or `run` before it was ready, exited with `exit`. */
  | 'exited'
  | 'timeout'
  /** The supervisor gave up restarting it. */
  | 'gave-up'
  /** No supervisor answers. */
  | 'unsupervised'
  /** `run` is nothing that can be executed. */
  | 'unexecutable'
  /** The client was told to stop waiting. */
  | 'cancelled'
  /** Of a transition that is `begun`: nobody knows how the one before it ended, and so from what this one began. */
  | 'unfinished';

/**
 * What is wanted of a service, and who said so last. Written by any change when it begins, without a lock, so that a
 * change which is under way sees that another one asked for the opposite.
 */
export interface Wish {
  readonly wanted: Wanted;
  /** Process id of the command that wished last; 0 if nobody did yet. */
  readonly wantedBy: number;
}

/** What was last done to a service. Written only by who holds its lock. */
export interface LastTransition {
  readonly transition: Transition;
  readonly phase: TransitionPhase;
  readonly cause: FailureCause;
  readonly exit: Exit | null;
  /** Milliseconds since the epoch: when the transition began, and when it was done or failed; 0 means not yet. */
  readonly began: number;
  readonly ended: number;
  /** Content hash (32 bytes) of the definition that the running process or finished script was started with. */
  readonly contentHash: Uint8Array;
}

/** Wish and last transition of one service, each of which is read and written as a whole. */
export interface ServiceRecord extends Wish, LastTransition {}

/** What a service's record is before anything was done to it. */
export const BLANK_RECORD: ServiceRecord = {
  wanted: 'no',
  wantedBy: 0,
  transition: 'none',
  phase: 'done',
  cause: 'none',
  exit: null,
  began: 0,
  ended: 0,
  contentHash: new Uint8Array(CONTENT_HASH_SIZE),
};
