/** One step from the moment it holds its lease: what is there to do, and is it done. */

import { type Condition, conditionUnderLease, isDone } from '../model/condition.ts';
import { entryOf } from '../model/database.ts';
import type { Observation } from '../model/observation.ts';
import type { ServiceRecord } from '../model/record.ts';
import { unstableBelow } from '../model/stability.ts';
import type { Action, StepIndex } from '../plan/plan.ts';
import type { Arrivals } from './arrivals.ts';
import { type Attempt, attemptFrom, judge, mayHearOtherwise, mustEndFirst } from './attempt.ts';
import { Failing } from './failing.ts';
import { HeldStep, type StepContext } from './held-step.ts';
import type { Success } from './outcome-recorder.ts';
import type { Lease } from './ports.ts';
import { type Obstacle, obstaclesTo } from './repair.ts';
import { DONE } from './step-state.ts';
import type { Move } from './step-table.ts';

/** What of the executor a run works on beside that. */
export interface RunContext extends StepContext {
  readonly arrivals: Arrivals;
  /** The step cannot go on before others that its plan does not have. It holds nothing any more. */
  postpone(step: StepIndex, obstacles: readonly Obstacle[]): void;
}

/** Deaths before readiness after which a start is tried again, where neither start-retries nor restart-limit says how many. */
const RETRIES = 3;

export class StepRun {
  readonly #context: RunContext;
  readonly #held: HeldStep;
  readonly #failing: Failing;
  readonly #action: Action;
  #toldThatItAsks = false;

  constructor(context: RunContext, step: StepIndex, move: Move, lease: Lease) {
    this.#context = context;
    this.#held = new HeldStep(context, step, move, lease);
    this.#failing = new Failing(this.#held);
    this.#action = move.action;
  }

  /** Finds out what is to be done, and begins it. */
  decide(): void {
    const { move, step, written } = this.#held;
    const record = this.#held.read();
    if (this.#held.isContrary(record)) {
      this.#context.recorder.overruled(move, record.wantedBy);
      this.#held.miss();
      return;
    }
    const seen = this.#held.observe();
    const condition = conditionUnderLease(record, seen);
    const isThere = condition === this.#action && !mayHearOtherwise(this.#action, record, seen);
    if (isThere && this.#action === 'up' && seen.kind === 'longrun' && this.#isUnstable(record, seen)) {
      this.#context.table.enter(step, { kind: 'steadying', pid: seen.pid });
      return;
    }
    const isVain = this.#action === 'reload' && (condition !== 'up' || isDone(record, seen));
    if (isThere || isVain) {
      written.confirm(record, condition);
      this.#held.finish(DONE);
      return;
    }
    if (seen.kind === 'unsupervised') {
      this.#failing.fail('unsupervised', null);
      return;
    }
    const obstacles = obstaclesTo(this.#context, move);
    if (obstacles.length > 0) {
      this.#held.release();
      this.#context.postpone(step, obstacles);
    } else if (mustEndFirst(this.#action, seen)) this.#clear(record, seen);
    else this.#begin(record, seen, condition);
  }

  #isUnstable(record: ServiceRecord, seen: Observation): boolean {
    const { database, ports } = this.#context;
    return unstableBelow({ database, supervisor: ports.supervisor }, this.#held.service, record, seen) !== null;
  }

  /** It was up already, and came back after a death as process `pid`: either that lives long enough, or it dies, too. */
  #steady(pid: number): void {
    const record = this.#held.read();
    const seen = this.#held.observe();
    if (this.#held.isContrary(record)) {
      this.#context.recorder.overruled(this.#held.move, record.wantedBy);
      this.#held.miss();
      return;
    }
    const isSame = seen.kind === 'longrun' && seen.state === 'up' && seen.pid === pid;
    if (!isSame) this.#failing.fail('exited', seen.kind === 'longrun' ? seen.lastExit : null);
    else if (!this.#isUnstable(record, seen)) this.#held.finish(DONE);
  }

  /** Something of an earlier transition still goes on. */
  #clear(record: ServiceRecord, seen: Observation): void {
    const { orders } = this.#held;
    this.#context.table.enter(this.#held.step, { kind: 'clearing' });
    if (seen.kind === 'longrun') orders.stopUnlessTold(record, seen);
    // It may never end by itself; and one that asks waits for an answer that nobody is interested in any more.
    else if (this.#action === 'down' || this.#held.mayAsk()) orders.kill();
    this.#limitTime();
  }

  #begin(record: ServiceRecord, seen: Observation, condition: Condition): void {
    const isUnderWay = seen.kind === 'oneshot' && seen.running === this.#action;
    const isUnfinished = seen.kind === 'oneshot' && !isUnderWay && condition === 'between';
    if (!this.#announce(record, isUnfinished)) return;
    const attempt = attemptFrom(this.#action, seen);
    this.#context.table.enter(this.#held.step, { kind: 'moving', attempt, before: record });
    this.#context.recorder.begun(this.#held.move, this.#timeout());
    this.#limitTime();
    if (!isUnderWay) this.#held.orders.begin(record, seen);
    this.look();
  }

  /**
   * Writes that the transition begins. Who wished the opposite just now either sees that when it looks after its wish
   * (`catchUp`), or its wish is seen here: then it counts, and nothing has begun.
   */
  #announce(before: ServiceRecord, isUnfinished: boolean): boolean {
    const { written } = this.#held;
    written.begin(before, isUnfinished);
    const now = this.#held.read();
    if (!this.#held.isContrary(now)) return true;
    written.withdraw(before);
    this.#context.recorder.overruled(this.#held.move, now.wantedBy);
    this.#held.miss();
    return false;
  }

  #limitTime(): void {
    this.#held.limit(this.#timeout(), () => this.#failing.fail('timeout', null));
  }

  /** An operator takes the time that an operator takes. */
  #timeout(): number {
    if (this.#held.mayAsk()) return 0;
    const { timeoutUp, timeoutDown } = this.#context.database;
    return entryOf(this.#action === 'down' ? timeoutDown : timeoutUp, this.#held.service);
  }

  /** The service may have changed. */
  look(): void {
    const { state } = this.#held;
    switch (state.kind) {
      case 'clearing':
        if (!mustEndFirst(this.#action, this.#held.observe())) this.decide();
        break;
      case 'steadying':
        this.#steady(state.pid);
        break;
      case 'moving':
        this.#judge(state.attempt, this.#held.observe());
        break;
      case 'settling':
        this.#failing.look();
        break;
      default:
        break;
    }
  }

  #judge(attempt: Attempt, seen: Observation): void {
    if (!this.#toldThatItAsks && seen.kind === 'oneshot' && seen.asks === 'answer') {
      this.#toldThatItAsks = true;
      this.#context.recorder.asks(this.#held.service);
    }
    const verdict = judge(attempt, seen, () => this.#mostDeaths());
    switch (verdict.kind) {
      case 'pending':
        break;
      case 'success':
        this.#succeed(attempt, seen);
        break;
      case 'failure':
        this.#failing.fail(verdict.cause, verdict.exit);
        break;
    }
  }

  /**
   * What its restart-limit allows; the supervisor, which counts by time as well, may give it up sooner. With start-retries it
   * does, and only it knows whether the service was ready in between.
   */
  #mostDeaths(): number {
    const definition = this.#context.database.definition(this.#held.service);
    if (definition.type !== 'longrun') return RETRIES;
    if (definition.startRetries !== null) return Number.POSITIVE_INFINITY;
    return definition.restart.limit?.count ?? RETRIES;
  }

  #succeed(attempt: Attempt, seen: Observation): void {
    const { arrivals, recorder, ports } = this.#context;
    const { service, written } = this.#held;
    if (this.#action === 'up' && seen.kind === 'longrun' && seen.state === 'up') arrivals.add(service, seen.pid);
    written.succeed();
    recorder.succeeded(service, this.#success(seen), written.elapsed);
    if (this.#action === 'down') recorder.leftRunning(service, ports.supervisor.remains(service, attempt.base));
    this.#held.finish(DONE);
  }

  #success(seen: Observation): Success {
    switch (this.#action) {
      case 'up':
        return seen.kind === 'longrun' && seen.readySince > 0 ? 'ready' : 'up';
      case 'down':
        return 'down';
      case 'reload':
        return 'reloaded';
    }
  }

  /** Looks whether the supervisor seems not to have heard, and whether somebody wants the service down while it starts. */
  remind(): void {
    const { isOneshot, orders, state } = this.#held;
    if (state.kind !== 'moving' && state.kind !== 'settling') return;
    const seen = this.#held.observe();
    const mayHear = seen.kind === 'longrun' && !seen.failed && seen.done !== true;
    if (state.kind === 'moving' && this.#action === 'up') {
      const record = this.#held.read();
      // A script may never end: who wants the service down need not wait for it.
      if (this.#held.isContrary(record) && (isOneshot || mayHear)) this.#failing.overrule(record.wantedBy);
      else if (mayHear) orders.repeat('up', seen);
    } else if (mayHear && (this.#action === 'down' || state.kind === 'settling')) orders.repeat('down', seen);
  }

  /** Its time is not looked at any more. */
  dropLimit(): void {
    this.#held.dropLimit();
  }

  cancel(): void {
    this.#failing.cancel();
  }

  /** The change runs out of time. */
  expire(): void {
    this.#failing.abandon('timeout');
  }
}
