/**
 * The states of a step, what belongs to each, and which may follow which.
 *
 *     waiting ──last predecessor ended──▶ queued ──lease──▶ (look) ──▶ clearing ──▶ moving ──▶ done
 *        ▲                                 │   ▲              │  what is      the       │ died, failed,
 *        │                         no lease▼   │free          │  under way    transition▼ timed out
 *        │                               contended            │  must end            settling ──▶ missed
 *        └──────────── the world moved: a step was added before this one                (brought down)
 */
import type { ServiceId } from '../model/database.ts';
import type { ServiceRecord } from '../model/record.ts';
import type { Attempt } from './attempt.ts';
import type { Contention, Watch } from './ports.ts';

export type StepState =
  /** So many predecessors have not ended. */
  | { readonly kind: 'waiting'; readonly predecessors: number }
  /** May begin. `contention`: what it has been waiting for since it could have begun first; null means that it has waited for nothing. */
  | { readonly kind: 'queued'; readonly contention: Contention | null }
  /** Somebody else holds a lock that it needs. `watch` tells when that may be free, and is closed when this ends. */
  | { readonly kind: 'contended'; readonly contention: Contention; readonly watch: Watch }
  /** Holds its lease, and something older must end first. */
  | { readonly kind: 'clearing' }
  /** Holds its lease: the service is up as process `pid`, which has to live for a while (model/stability.ts). */
  | { readonly kind: 'steadying'; readonly pid: number }
  /** The transition is on its way. `before`: what the record was until it began. */
  | { readonly kind: 'moving'; readonly attempt: Attempt; readonly before: ServiceRecord }
  /** The transition failed, and is cleaned up. */
  | { readonly kind: 'settling' }
  | Ended;

export type Ended =
  | { readonly kind: 'done' }
  /** Failed, skipped, refused or overruled: it began with the service `because`. */
  | { readonly kind: 'missed'; readonly because: ServiceId }
  /** The change ended before it could begin. */
  | { readonly kind: 'left' };

type Kind = StepState['kind'];

export const DONE: Ended = { kind: 'done' };

/** What may follow each. Nothing else happens to a step, whatever the world does. */
const LEGAL: Readonly<Record<Kind, readonly Kind[]>> = {
  waiting: ['waiting', 'queued', 'missed', 'left'],
  queued: ['waiting', 'contended', 'clearing', 'steadying', 'moving', 'done', 'missed', 'left'],
  contended: ['waiting', 'queued', 'left'],
  clearing: ['waiting', 'clearing', 'steadying', 'moving', 'done', 'missed'],
  steadying: ['done', 'missed'],
  moving: ['settling', 'done', 'missed'],
  settling: ['missed'],
  done: [],
  missed: [],
  left: [],
};

export function mayFollow(from: Kind, to: Kind): boolean {
  return LEGAL[from].includes(to);
}

export function hasEnded(state: StepState): state is Ended {
  return state.kind === 'done' || state.kind === 'missed' || state.kind === 'left';
}
