/** What the executor needs from the world. supervisors and store implement these; the simulator is a third implementation. */
import type { ServiceId } from '../model/database.ts';
import type { Exit, LongrunObservation, Observation } from '../model/observation.ts';
import type { FailureCause, LastTransition, ServiceRecord, Wish } from '../model/record.ts';
import type { Result } from '../result.ts';
import type { UnreadOrder } from './outcome.ts';

export interface Supervisor {
  /** The truth now, without waiting. */
  observe(service: ServiceId): Observation;
  /** Milliseconds that the process that was seen has been up, or ready; no setting of the clock makes it older. */
  life(seen: LongrunObservation): number;
  /** Calls `changed` after every change of any of `services`; spurious calls are allowed, missed ones are not. */
  watch(services: Iterable<ServiceId>, changed: (service: ServiceId) => void): Watch;
  /** Tells the supervisor; returns at once. The outcome is seen through `observe`. Longruns: keep it up. Oneshots: run `up`. */
  start(service: ServiceId): void;
  /** Longruns: leave it down. Oneshots: run `down`. */
  stop(service: ServiceId): void;
  /** Longruns: the reload signal. Oneshots: run `reload`. */
  reload(service: ServiceId): void;
  /** Oneshots only: ends the script that runs now, if one does (TERM, a little later KILL, to all that it has started). */
  kill(service: ServiceId): void;
  /** What the processes that were the service have left running, of which nobody takes care; it was stopped since `before`. */
  remains(service: ServiceId, before: Observation): readonly Remains[];
  /** Whether there is anything that the supervisor was told of the service and has not read, because it is stopped, or slow. */
  isUnread(service: ServiceId): boolean;
  /** Takes that back. False if it has read all of it. Both only with an exclusive lease of the service. */
  withdraw(service: ServiceId): boolean;
}

/** A process. */
export interface Remains {
  readonly pid: number;
  /** For people: its command line. */
  readonly command: string;
}

export interface Watch {
  close(): void;
}

export interface Clock {
  /** Milliseconds since the epoch, for dates. */
  now(): number;
  /** Milliseconds since some moment, for how long something takes: no setting of the clock changes it. */
  monotonic(): number;
  /** Calls `ring` once, after `delay` milliseconds, unless cancelled. */
  after(delay: number, ring: () => void): Alarm;
}

export interface Alarm {
  cancel(): void;
}

/**
 * Records in the live directory (store/live). Writing is one write; reading never waits. A wish and a transition have
 * different writers, so neither write may touch the other's bytes.
 */
export interface Records {
  read(service: ServiceId): ServiceRecord;
  /** `wantedBy` is filled in by the implementation: the process that calls. Without a lock; the last one counts. */
  wish(service: ServiceId, wanted: Wish['wanted']): void;
  /** Only with an exclusive lease of the service. */
  write(service: ServiceId, transition: LastTransition): void;
}

/**
 * Locks of services. One is taken for one transition only: exclusively on the service that moves, shared on those that
 * must stay as they are meanwhile (what it needs, on the way up). Nothing is ever waited for while something is held, so
 * that two changes cannot wait for each other.
 */
export interface Locks {
  /** All of it or nothing, at once. */
  tryLock(exclusive: ServiceId, shared: readonly ServiceId[]): Result<Lease, Contention>;
  /** Calls `freed` when a lock that was contended may be free. */
  whenFree(contention: Contention, freed: () => void): Watch;
}

export interface Lease {
  release(): void;
}

export interface Contention {
  readonly service: ServiceId;
  /** For people: `rc-change -d web (pid 812)`. Null if it cannot be known. */
  readonly holder: string | null;
  /** The holder waits, directly or through others, for the script that this process runs in. */
  readonly deadlock: boolean;
}

export type Event =
  /** Another change holds a lock that the next step of `service` needs: `holder` has `on`. */
  | { readonly event: 'waiting'; readonly service: ServiceId; readonly on: ServiceId; readonly holder: string | null }
  /** `timeout` in milliseconds, 0 means none. */
  | { readonly event: 'starting' | 'stopping' | 'reloading'; readonly service: ServiceId; readonly timeout: number }
  /** A oneshot's script waits for an answer of the operator, who has to give it through rc-answer. */
  | { readonly event: 'asks'; readonly service: ServiceId }
  /** It was stopped, and a process that it had started still runs: in its session, which ended processes began. */
  | ({ readonly event: 'left-running'; readonly service: ServiceId } & Remains)
  /** A step succeeded, after `elapsed` milliseconds. `ready` is the `up` of a longrun that told so itself. */
  | { readonly event: 'up' | 'ready' | 'down' | 'reloaded'; readonly service: ServiceId; readonly elapsed: number }
  | {
      readonly event: 'failed';
      readonly service: ServiceId;
      readonly action: 'up' | 'down' | 'reload';
      readonly cause: FailureCause;
      readonly exit: Exit | null;
      readonly elapsed: number;
      /** Something of it still ran when it was given up. */
      readonly alive: boolean;
      readonly unread?: UnreadOrder;
    }
  /** It came up in this change, and its process died before the change ended; `exit` null if nobody knows how. */
  | { readonly event: 'died'; readonly service: ServiceId; readonly exit: Exit | null }
  /** The step was not tried, because the one of `because` did not succeed. */
  | { readonly event: 'skipped'; readonly service: ServiceId; readonly because: ServiceId }
  /** Another change (process `by`) asked for the opposite after this one began. */
  | { readonly event: 'overruled'; readonly service: ServiceId; readonly by: number };

export interface EventSink {
  emit(event: Event): void;
}

export interface Ports {
  readonly supervisor: Supervisor;
  readonly clock: Clock;
  readonly records: Records;
  readonly locks: Locks;
  readonly events: EventSink;
}
