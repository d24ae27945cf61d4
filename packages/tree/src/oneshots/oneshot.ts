/** One oneshot as its runner knows it; its status is on disk, where everybody sees it. */
import { isAbsent } from '@muster/posix/absence';
import type { Reactor } from '@muster/posix/reactor';
import {
  type EndedScript,
  type Lender,
  NEVER_RUN,
  type OneshotAction,
  type OneshotStatus,
  type RunningScript,
} from '@muster/protocol/oneshots/protocol';
import { savedStatus, saveStatus } from '@muster/protocol/oneshots/status-file';
import type { Console } from './console.ts';

/** What somebody asked for. */
export interface Order {
  readonly action: OneshotAction;
  /** The id of the request. */
  readonly request: string;
  readonly lender: Lender | null;
}

/** What a oneshot needs of its runner. */
export interface OneshotHost {
  readonly reactor: Pick<Reactor, 'after'>;
  /** Tells people, with its name. */
  note(name: string, message: string): void;
  /** Its status is another one. */
  changed?(): void;
}

/** Milliseconds until a status that could not be written, for want of a descriptor, is tried again. */
const WRITE_AGAIN = 250;

export class HostedOneshot {
  /** What is to be done when the script that runs has ended; if none runs, when there is a process for it. */
  next: Order | null = null;
  /** Of the script that runs, if it may ask. */
  console: Console | null = null;
  readonly #host: OneshotHost;
  #status: OneshotStatus;
  #isUnsaved = false;

  constructor(
    readonly name: string,
    readonly directory: string,
    host: OneshotHost,
  ) {
    this.#host = host;
    this.#status = this.#saved();
  }

  get status(): OneshotStatus {
    return this.#status;
  }

  /** The script that runs is this process. */
  isRunning(pid: number): boolean {
    return this.#status.running?.pid === pid;
  }

  /** What it could not say itself. */
  note(message: string): void {
    this.#host.note(this.name, message);
  }

  /** Its start follows. Throws what the system says if that cannot be written: then it cannot be started either. */
  announce(running: RunningScript): void {
    saveStatus(this.directory, { running, last: this.#status.last });
    this.#status = { running, last: this.#status.last };
    this.#host.changed?.();
  }

  /** It runs; or it has ended. Who waits for it learns that, though later if it cannot be written now. */
  save(status: OneshotStatus): void {
    this.#status = status;
    if (!this.#isUnsaved) this.#write();
    this.#host.changed?.();
  }

  /** Its script has ended, or could not be started. The terminal is as it was before anybody sees that. */
  remember(end: Omit<EndedScript, 'at'>): void {
    this.console?.end();
    this.console = null;
    this.save({ running: null, last: { ...end, at: momentAfter(this.#status.last?.at ?? 0) } });
  }

  /** It has not begun after all. */
  withdraw(): void {
    this.console?.end();
    this.console = null;
    this.save({ running: null, last: this.#status.last });
  }

  #write(): void {
    try {
      saveStatus(this.directory, this.#status);
      this.#isUnsaved = false;
    } catch (error) {
      if (!this.#isUnsaved) this.note(`unable to write its status: ${error}`);
      // Of a service that is gone nobody asks any more.
      this.#isUnsaved = !isAbsent(error);
      if (this.#isUnsaved) this.#host.reactor.after(WRITE_AGAIN, () => this.#write());
    }
  }

  /** A script that nothing can be said about keeps the runner from nothing else. */
  #saved(): OneshotStatus {
    try {
      return savedStatus(this.directory);
    } catch (error) {
      this.note(`unable to read its status: ${error}`);
      return NEVER_RUN;
    }
  }
}

/** Two ends of one oneshot are never at the same moment: a client tells them apart by it. */
function momentAfter(earlier: number): number {
  return Math.max(Date.now(), earlier + 1);
}
