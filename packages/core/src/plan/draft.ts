/** A plan in the making: which services will be moved which way and why, before anything is put in order. */
import type { ServiceId } from '../model/database.ts';
import type { Wanted } from '../model/record.ts';
import type { Reason, Refusal } from './plan.ts';

export interface Draft {
  /** Why each service goes that way; a service that goes down and up restarts. */
  readonly down: Map<ServiceId, Reason>;
  readonly up: Map<ServiceId, Reason>;
  readonly reload: Map<ServiceId, Reason>;
  readonly wishes: Map<ServiceId, Wanted>;
  readonly refused: Refusal[];
  /** What was asked for contradicts itself: nothing is done at all. */
  impossible: boolean;
}

export function emptyDraft(): Draft {
  return { down: new Map(), up: new Map(), reload: new Map(), wishes: new Map(), refused: [], impossible: false };
}
