/**
 * What can be done now: services to look at, then steps to begin. All of it is done by one loop, which is never entered
 * twice, so that nothing recurses however long a chain is: what is added meanwhile is done by the loop that runs.
 */
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
  private readonly steps: StepIndex[] = [];
  private nextStep = 0;
  private readonly touched: ServiceId[] = [];
  private isWorking = false;
  private closed = false;

  constructor(private readonly worker: Worker) {}

  /** For good: whatever comes later is not done. */
  close(): void {
    this.closed = true;
  }

  get isClosed(): boolean {
    return this.closed;
  }

  add(step: StepIndex): void {
    this.steps.push(step);
  }

  /** The service may have changed. */
  touch(service: ServiceId): void {
    this.touched.push(service);
    this.work();
  }

  /** Does something that came from outside, and then everything that can be done. */
  act(work: () => void): void {
    if (this.closed) return;
    this.isWorking = true;
    this.guard(work);
    this.isWorking = false;
    this.work();
  }

  /** Does everything that can be done now. Called from inside itself it does nothing: the outer call sees to it. */
  work(): void {
    if (this.isWorking || this.closed) return;
    this.isWorking = true;
    this.guard(() => {
      while (this.doNext());
    });
    this.isWorking = false;
    if (!this.closed) this.guard(() => this.worker.rest());
  }

  /** False: there is nothing that can be done now. */
  private doNext(): boolean {
    const service = this.touched.pop();
    if (service !== undefined) this.worker.look(service);
    else if (this.nextStep < this.steps.length && this.worker.hasRoom()) {
      this.worker.launch(this.steps[this.nextStep++]!);
    } else return false;
    return true;
  }

  /** Whoever called has nobody to pass an error on to: an event source, a timer. */
  private guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.close();
      this.worker.broke(error);
    }
  }
}
