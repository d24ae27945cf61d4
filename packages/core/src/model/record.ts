/** What Muster itself remembers of one service in the live directory: what is wanted, and what was last done. */
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
  /** The client was told to stop waiting. */
  | 'cancelled';

export interface ServiceRecord {
  readonly wanted: Wanted;
  readonly transition: Transition;
  readonly phase: TransitionPhase;
  readonly cause: FailureCause;
  readonly exit: Exit | null;
  /** Milliseconds since the epoch: when the transition began, and when it was done or failed; 0: not yet. */
  readonly began: number;
  readonly ended: number;
  /** Content hash (32 bytes) of the definition that the running process or finished script was started with. */
  readonly contentHash: Uint8Array;
}
