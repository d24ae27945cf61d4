/** On whose behalf a live directory is changed. */
import type { ControlEventSink } from './events.ts';

export interface Caller {
  /** How other commands, and the journal, name it to people: `rc-change -d web`. */
  readonly command: string;
  /** Path of the executable: it starts the embedded tree again, and generated scripts call it. */
  readonly muster: string;
  readonly events: ControlEventSink;
  /** Once it is aborted nothing new begins; what is on its way is waited for. */
  readonly signal: AbortSignal;
  /** The terminal on which scripts may ask (a descriptor); null if there is none. */
  readonly terminal: number | null;
}
