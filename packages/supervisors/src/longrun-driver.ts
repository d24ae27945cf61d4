/** What the engine asks of longruns, by one kind of supervisor. */
import type { Watch } from '@muster/core/execute/ports';
import type { Database, ServiceId } from '@muster/core/model/database';
import type { LongrunObservation, NoObservation } from '@muster/core/model/observation';
import type { Live } from '@muster/store/live/open';
import type { StateFile } from '@muster/store/live/state';

export interface LongrunDriver {
  /** Resolves when looking is cheap. */
  connect?(): Promise<void>;
  observe(service: ServiceId): LongrunObservation | NoObservation;
  watch(services: Iterable<ServiceId>, changed: (service: ServiceId) => void): Watch;
  start(service: ServiceId): void;
  stop(service: ServiceId): void;
  reload(service: ServiceId): void;
  isUnread(service: ServiceId): boolean;
  withdraw(service: ServiceId): boolean;
  close?(): void;
}

/** The live directory whose longruns are driven. */
export interface DriverContext {
  readonly live: Live;
  readonly names: Database['names'];
  readonly records: StateFile;
  directoryOf(service: ServiceId): string;
  hasReadiness(service: ServiceId): boolean;
  /** Starts a tree of ours again, should it have died. Absent for who only looks. */
  readonly revive?: () => void;
}
