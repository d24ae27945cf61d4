/** One oneshot as its runner knows it; its status is on disk, where everybody sees it. */
import type { Console } from './console.ts';
import { type EndedScript, type Lender, NEVER_RUN, type OneshotAction, type OneshotStatus } from './protocol.ts';
import { savedStatus, saveStatus } from './status-file.ts';

/** What somebody asked for. */
export interface Order {
  readonly action: OneshotAction;
  /** The id of the request. */
  readonly request: string;
  readonly lender: Lender | null;
}

export class Oneshot {
  /** What is to be done when the script that runs has ended. */
  next: Order | null = null;
  /** Of the script that runs, if it may ask. */
  console: Console | null = null;
  readonly #warn: (message: string) => void;
  #status: OneshotStatus;

  constructor(
    readonly name: string,
    readonly directory: string,
    warn: (message: string) => void,
  ) {
    this.#warn = warn;
    this.#status = this.#saved();
  }

  get status(): OneshotStatus {
    return this.#status;
  }

  /** The script that runs is this process. */
  isRunning(pid: number): boolean {
    return this.#status.running?.pid === pid;
  }

  save(status: OneshotStatus): void {
    this.#status = status;
    try {
      saveStatus(this.directory, status);
    } catch (error) {
      this.#warn(`${this.name}: unable to write its status: ${error}`);
    }
  }

  /** Its script has ended. The terminal is as it was before anybody sees that. */
  remember(end: Omit<EndedScript, 'at'>): void {
    this.console?.end();
    this.console = null;
    this.save({ running: null, last: { ...end, at: momentAfter(this.#status.last?.at ?? 0) } });
  }

  /** A script that nothing can be said about keeps the runner from nothing else. */
  #saved(): OneshotStatus {
    try {
      return savedStatus(this.directory);
    } catch (error) {
      this.#warn(`${this.name}: unable to read its status: ${error}`);
      return NEVER_RUN;
    }
  }
}

/** Two ends of one oneshot are never at the same moment: a client tells them apart by it. */
function momentAfter(earlier: number): number {
  return Math.max(Date.now(), earlier + 1);
}
