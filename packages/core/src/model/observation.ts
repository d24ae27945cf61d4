/** What a supervisor, or the runner of oneshots, knows about one service at one moment. */

/** How a process ended. `signal` is the number, 0 if it exited by itself. */
export interface Exit {
  readonly code: number;
  readonly signal: number;
}

/** Null if nobody knows how it ended. */
export function isCleanExit(exit: Exit | null): boolean {
  return exit !== null && exit.code === 0 && exit.signal === 0;
}

/**
 * A longrun, as its supervisor sees it.
 *
 *     down ──start──▶ up ──(notification)──▶ up+ready
 *      ▲               │ dies, or is stopped
 *      └──(finished)── finishing
 */
export interface LongrunObservation {
  readonly kind: 'longrun';
  readonly state: 'down' | 'up' | 'finishing';
  /** Only while up: the readiness notification came, or the readiness rule of the service is met. */
  readonly ready: boolean;
  /** 0 when no process. */
  readonly pid: number;
  /** Milliseconds since the epoch of the last change of `state`. */
  readonly since: number;
  /** Of readiness, 0 if never. */
  readonly readySince: number;
  /** What the supervisor was last told: keep it up, or leave it down. */
  readonly supervisorWants: 'up' | 'down';
  /** Of the last process that died; null if none did. */
  readonly lastExit: Exit | null;
  /** Deaths that the supervisor remembers. */
  readonly deaths: number;
  /** The supervisor gave up: restart-limit, start-retries, finish exiting 125, an end that the restart policy does not allow. */
  readonly failed: boolean;
  /** It has ended as it may, and is not started again. Absent means no. */
  readonly done?: true;
  /** Wanted up and down, because `run` is nothing that can be executed. */
  readonly unexecutable?: true;
}

/** A session whose leader has ended while others in it had not. */
export interface LeftSession {
  readonly leader: number;
  /** When the leader had ended, in clock ticks after boot. */
  readonly endedAt: number;
}

/** A oneshot, as the runner of oneshots remembers it. */
export interface OneshotObservation {
  readonly kind: 'oneshot';
  /** The script that runs now, or null. */
  readonly running: 'up' | 'down' | 'reload' | null;
  readonly pid: number;
  readonly since: number;
  /** The script may ask the operator: on the terminal of who started it, or through rc-answer. Absent if it may not. */
  readonly asks?: 'terminal' | 'answer';
  /** The last script that ended, and how; null if none did. `exit` null if it was never known (the machine lost it). */
  readonly last: {
    readonly action: 'up' | 'down' | 'reload';
    readonly exit: Exit | null;
    readonly at: number;
    /** It left something running in the session that process `leader` began. Absent means nothing. */
    readonly left?: LeftSession;
  } | null;
}

/** No supervisor answers for the service. */
export interface NoObservation {
  readonly kind: 'unsupervised';
  /** A later supervisor will not take over what ran: nobody knows of it any more. Absent if one will. */
  readonly lost?: true;
  /** What is there instead of what the supervisor says, so that nobody can know it, for people. Absent means nothing. */
  readonly odd?: string;
}

export type Observation = LongrunObservation | OneshotObservation | NoObservation;
