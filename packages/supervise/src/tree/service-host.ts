/** What a service needs of the tree that it is in. */
import type { Reactor } from '@muster/posix/reactor';
import type { EventLetter } from '../s6/control.ts';
import type { CatchAll } from './catch-all.ts';
import type { Ledger } from './ledger.ts';
import type { Processes } from './processes.ts';
import type { Service } from './service.ts';

export interface ServiceHost {
  readonly reactor: Reactor;
  readonly processes: Processes;
  readonly ledger: Ledger;
  /** Takes what services without a logger write; undefined: they write where the tree does. */
  readonly catchAll: CatchAll | undefined;
  /** A descriptor of /dev/null. */
  readonly nothing: number;
  /** Pids that are known to belong to some service. */
  knownPids(): ReadonlySet<number>;
  warn(message: string): void;
  /** An event was written to the service's `event/`. */
  told(service: Service, letter: EventLetter): void;
  /** The service has exited, as s6-supervise does. */
  left(service: Service): void;
}
