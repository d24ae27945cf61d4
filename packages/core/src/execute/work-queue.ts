/**
 * What can be done now: things that came from outside, then services to look at, then steps to begin. All of it is done by
 * one loop, which is never entered twice, so that nothing recurses however long a chain is: what is added meanwhile is
 * done by the loop that runs.
 */
import { invariant } from '../invariant.ts';
import type { ServiceId } from '../model/database.ts';
import type { StepIndex } from '../plan/plan.ts';

/** Whose work it is. */
interface Worker {
  look(service: ServiceId): void;
  /** One more step may begin. */
  hasRoom(): boolean;
  launch(step: StepIndex): void;
  /** Nothing more can be done now. */
  rest(): void;
  /** A port threw `error`. The queue is closed. */
  broke(error: unknown): void;
}

export class WorkQueue {
  readonly #worker: Worker;
  readonly #acts: (() => void)[] = [];
  readonly #touched: ServiceId[] = [];
  readonly #steps: StepIndex[] = [];
  #nextStep = 0;
  #isWorking = false;
  #closed = false;

  constructor(worker: Worker) {
    this.#worker = worker;
  }

  /** For good: whatever comes later is not done. */
  close(): void {
    this.#closed = true;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  add(step: StepIndex): void {
    this.#steps.push(step);
  }

  /** The service may have changed. */
  touch(service: ServiceId): void {
    this.#touched.push(service);
    this.work();
  }

  /** Does something that came from outside, and then everything that can be done. */
  act(work: () => void): void {
    this.#acts.push(work);
    this.work();
  }

  /** Does everything that can be done now. Called from inside itself it does nothing: the outer call sees to it. */
  work(): void {
    if (this.#isWorking || this.#closed) return;
    this.#guard(() => {
      do {
        while (this.#doNext());
        if (!this.#closed) this.#worker.rest();
      } while (!this.#closed && this.#acts.length + this.#touched.length > 0);
    });
  }

  /** False if there is nothing that can be done now. */
  #doNext(): boolean {
    if (this.#closed) return false;
    const act = this.#acts.shift();
    if (act !== undefined) {
      act();
      return true;
    }
    const service = this.#touched.pop();
    if (service !== undefined) {
      this.#worker.look(service);
      return true;
    }
    const step = this.#steps[this.#nextStep];
    if (step === undefined || !this.#worker.hasRoom()) return false;
    this.#nextStep++;
    this.#worker.launch(step);
    return true;
  }

  /** Whoever called has nobody to pass an error on to: an event source, a timer. */
  #guard(work: () => void): void {
    invariant(!this.#isWorking, 'the loop of a change is entered from inside itself');
    this.#isWorking = true;
    try {
      work();
    } catch (error) {
      this.close();
      this.#worker.broke(error);
    } finally {
      this.#isWorking = false;
    }
  }
}
