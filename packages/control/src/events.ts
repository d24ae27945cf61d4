/** What a front end is told while something is done for it. Nothing is told as text: what it looks like is the front end's. */
import type { Diagnostic } from '@muster/core/diagnostics/diagnostic';
import type { Outcome } from '@muster/core/execute/outcome';
import type { Event as Step } from '@muster/core/execute/ports';
import type { Database, ServiceId } from '@muster/core/model/database';
import type { UpdateDocument } from '@muster/core/plan/update/document';
import type { Live } from '@muster/store/live/open';
import type { Stray } from '@muster/supervisors/strays/strays';
import type { Busy, Unusable } from './problems.ts';
import type { Recovery } from './update/recover.ts';

export type ControlEvent =
  /** What is looked at has outlived its boot, container or PID namespace, and is as after rc-init. */
  | { readonly event: 'outlived'; readonly live: Live }
  /** The live directory has outlived that, and is taken away: to be made afresh, or for good. */
  | { readonly event: 'clears-outlived'; readonly live: Live; readonly afresh: boolean }
  /** These processes had no supervisor any more. */
  | { readonly event: 'strays-ended'; readonly strays: readonly Stray[] }
  /** Somebody else is at it, and is waited for. `holder`: for people, `rc-change -d web (pid 812)`. */
  | { readonly event: 'waiting'; readonly holder: string }
  /** The supervision tree was started again, and in this it is unlike the first one: texts for people. */
  | { readonly event: 'tree-differs'; readonly differences: readonly string[] }
  /** An update that was interrupted has been completed or undone. `database`: the one that the services of it are of. */
  | { readonly event: 'recovered'; readonly database: Database; readonly recovery: Recovery }
  /** An instance that was kept for this boot is not there. `why`: for people. */
  | { readonly event: 'instance-left-out'; readonly name: string; readonly why: string }
  /** A source was compiled; it may have errors. */
  | { readonly event: 'compiled'; readonly diagnostics: readonly Diagnostic[] }
  /** What an update is about to do to the live directory that has `before`. */
  | { readonly event: 'planned'; readonly document: UpdateDocument; readonly before: Database; readonly next: Database }
  /** A plan of so many steps is about to be carried out in the live directory that has `database`. */
  | { readonly event: 'begins'; readonly database: Database; readonly steps: number }
  | { readonly event: 'step'; readonly database: Database; readonly step: Step }
  /** A shutdown waits for these to stop. */
  | { readonly event: 'still-stopping'; readonly database: Database; readonly services: readonly ServiceId[] }
  /** A shutdown has brought down what can be. `elapsed`: milliseconds. */
  | { readonly event: 'ended'; readonly database: Database; readonly outcome: Outcome; readonly elapsed: number }
  /** A shutdown goes on in spite of this. */
  | { readonly event: 'overrides'; readonly hindrance: Unusable | Busy }
  /** What runs in the live directory is ended by force, and the directory removed. */
  | { readonly event: 'forces'; readonly root: string }
  /** The caller has called it off. `shutdown`: the pid of an rc-shutdown that ends everything; null if there is none. */
  | { readonly event: 'gives-up'; readonly shutdown: number | null }
  /** The start of `service` will fail: the machine has no such user. */
  | { readonly event: 'unknown-user'; readonly service: string; readonly user: string }
  /** Something else is there than what a supervisor keeps: a text for people. */
  | { readonly event: 'odd'; readonly what: string }
  /** A script asks on the caller's terminal, where nothing else must be written until it is returned. */
  | { readonly event: 'terminal-lent' | 'terminal-returned' };

export interface ControlEventSink {
  emit(event: ControlEvent): void;
}

/** Of who only wants the answer. */
export const UNHEARD: ControlEventSink = { emit: () => {} };
