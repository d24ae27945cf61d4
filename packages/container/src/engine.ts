/**
 * The engine: a short-lived child that brings services up or down by the commands that everybody uses, and tells what it does as
 * lines of JSON. The locks of a live directory are a process's, and the tree has one of its own: in one process, whoever looks at the
 * one would drop the other (docs/decisions/container.md).
 */
import { closeSync, readSync } from 'node:fs';
import type { Exit } from '@muster/core/model/observation';
import { makePipe } from '@muster/posix/pipe';
import { waitingBytes } from '@muster/posix/poll';
import type { CompanionHost } from '@muster/tree/tree';

/** One line of `rc-change --json`. */
export interface EngineEvent {
  readonly event: string;
  readonly service?: string;
  readonly exit?: Exit | null;
  readonly [field: string]: unknown;
}

export interface EngineListener {
  event(event: EngineEvent): void;
  /** A line that is for people. */
  line(text: string): void;
  /** With its wait status; null if it could not be started, which has been said. */
  ended(waitStatus: number | null): void;
}

const SIZE = 64 * 1024;
const KILL = 9;

export class Engine {
  readonly #host: CompanionHost;
  readonly #muster: string;
  #pid: number | null = null;

  /** `muster`: path of the executable. */
  constructor(host: CompanionHost, muster: string) {
    this.#host = host;
    this.#muster = muster;
  }

  get isRunning(): boolean {
    return this.#pid !== null;
  }

  /** Whatever it is at, its supervisor goes on with, and the next one sees the truth. */
  kill(): void {
    if (this.#pid !== null) this.#host.processes.signal(this.#pid, KILL);
  }

  /** One at a time. `words`: of the command line. */
  run(words: readonly string[], listener: EngineListener): void {
    const answers = this.#lines((line) => {
      try {
        listener.event(JSON.parse(line));
      } catch {
        listener.line(line);
      }
    });
    const people = this.#lines((line) => listener.line(line));
    const child = {
      path: this.#muster,
      argv: [this.#muster, ...words],
      directory: '/',
      descriptors: [
        [answers.writing, 1],
        [people.writing, 2],
      ] as const,
    };
    const over = (waitStatus: number | null) => {
      this.#pid = null;
      answers.finish();
      people.finish();
      listener.ended(waitStatus);
    };
    try {
      this.#pid = this.#host.processes.start(child, over).pid;
    } catch (error) {
      this.#host.warn(`unable to run ${child.argv.join(' ')}: ${(error as Error).message}`);
      over(null);
    } finally {
      closeSync(answers.writing);
      closeSync(people.writing);
    }
  }

  /** A pipe whose lines are passed on as they come, and the last one at its end. */
  #lines(each: (line: string) => void): { readonly writing: number; finish(): void } {
    const { reading, writing } = makePipe();
    const buffer = Buffer.alloc(SIZE);
    let unfinished = '';
    let isOpen = true;
    const close = () => {
      if (!isOpen) return;
      isOpen = false;
      this.#host.reactor.unwatch(reading);
      closeSync(reading);
      if (unfinished !== '') each(unfinished);
    };
    const read = () => {
      const length = readSync(reading, buffer, 0, SIZE, null);
      if (length === 0) {
        close();
        return;
      }
      const lines = (unfinished + buffer.toString('utf8', 0, length)).split('\n');
      unfinished = lines.pop()!;
      for (const line of lines) if (line !== '') each(line);
    };
    this.#host.reactor.watch(reading, read);
    // What it has left behind may hold the pipe open: nothing more is waited for than what is in it now.
    const finish = () => {
      while (isOpen && waitingBytes(reading) > 0) read();
      close();
    };
    return { writing, finish };
  }
}
