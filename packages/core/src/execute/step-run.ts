/** One step from the moment it holds its lease: what is there to do, is it done, and what if it is not. */
import { type Condition, conditionUnderLease } from '../model/condition.ts';
import { type Database, hasFlag, ONESHOT, type ServiceId } from '../model/database.ts';
import type { Exit, Observation } from '../model/observation.ts';
import type { FailureCause, ServiceRecord } from '../model/record.ts';
import type { Action, StepIndex } from '../plan/plan.ts';
import {
  type Attempt,
  attemptFrom,
  isAtRest,
  judge,
  mayHearOtherwise,
  mustEndFirst,
  wasToldToStop,
} from './attempt.ts';
import { LastTransitionWriter } from './last-transition-writer.ts';
import type { UnreadOrder } from './outcome.ts';
import type { OutcomeRecorder, Success } from './outcome-recorder.ts';
import type { Alarm, Lease, Ports } from './ports.ts';
import { type Obstacle, obstaclesTo } from './repair.ts';
import type { StepTable } from './step-table.ts';

/** What of the executor the run of a step works on. */
interface StepContext {
  readonly database: Database;
  readonly ports: Ports;
  readonly table: StepTable;
  readonly recorder: OutcomeRecorder;
  readonly unwanted: ReadonlySet<ServiceId>;
  /** Longruns, with the process that they came up as. */
  readonly cameUp: Map<ServiceId, number>;
  act(work: () => void): void;
  postpone(run: StepRun, obstacles: readonly Obstacle[]): void;
  finish(run: StepRun, end: 'done' | 'missed'): void;
}

/** Milliseconds after which a script that is killed is not waited for any more: its runner has died, or it cannot be killed. */
const UNKILLED = 10_000;
/** Deaths before readiness after which a start is tried again, where no restart-limit says how many. */
const RETRIES = 3;

export class StepRun {
  private readonly service: ServiceId;
  private readonly action: Action;
  private readonly transition: LastTransitionWriter;
  private attempt: Attempt | undefined;
  /** What the record was before the transition began. */
  private before: ServiceRecord | undefined;
  private alarm: Alarm | undefined;
  private toldThatItAsks = false;

  constructor(
    private readonly context: StepContext,
    readonly step: StepIndex,
    private readonly lease: Lease,
  ) {
    this.service = context.table.services[step]!;
    this.action = context.table.actions[step]!;
    this.transition = new LastTransitionWriter(context.database, context.ports, this.service, this.action);
  }

  /** Finds out what is to be done, and begins it. */
  decide(): void {
    const { records, supervisor } = this.context.ports;
    const record = records.read(this.service);
    if (this.isContrary(record)) {
      this.context.recorder.overruled(this.service, this.action, record.wantedBy);
      this.finish('missed');
      return;
    }
    const seen = supervisor.observe(this.service);
    const condition = conditionUnderLease(record, seen);
    const isThere = condition === this.action && !mayHearOtherwise(this.action, record, seen);
    if (isThere || (this.action === 'reload' && condition !== 'up')) {
      this.transition.confirm(record, condition);
      this.finish('done');
      return;
    }
    if (seen.kind === 'unsupervised') {
      this.fail('unsupervised', null);
      return;
    }
    const obstacles = obstaclesTo(this.context, this.step);
    if (obstacles.length > 0) {
      this.alarm?.cancel();
      this.lease.release();
      this.context.postpone(this, obstacles);
    } else if (mustEndFirst(this.action, seen)) this.clear(record, seen);
    else this.move(record, seen, condition);
  }

  private isContrary({ wanted }: ServiceRecord): boolean {
    switch (this.action) {
      case 'up':
        return wanted === 'no';
      case 'down':
        return wanted !== 'no' && this.context.unwanted.has(this.service);
      case 'reload':
        return false;
    }
  }

  /** Something of an earlier transition still goes on. */
  private clear(record: ServiceRecord, seen: Observation): void {
    this.context.table.states[this.step] = 'clearing';
    if (seen.kind === 'longrun') this.tellToStop(record, seen);
    // It may never end by itself; and one that asks waits for an answer that nobody is interested in any more.
    else if (this.action === 'down' || this.mayAsk()) this.context.ports.supervisor.kill(this.service);
    this.limit(this.timeout(), () => this.fail('timeout', null));
  }

  /** An operator takes the time that an operator takes. */
  private timeout(): number {
    if (this.mayAsk()) return 0;
    const { timeoutUp, timeoutDown } = this.context.database;
    return (this.action === 'down' ? timeoutDown : timeoutUp)[this.service]!;
  }

  private mayAsk(): boolean {
    const { database } = this.context;
    return database.kinds[this.service] === ONESHOT && hasFlag(database, this.service, 'console');
  }

  /** Milliseconds; 0: no limit. A limit that is set already stays. */
  private limit(timeout: number, expire: () => void): void {
    if (timeout === 0 || this.alarm !== undefined) return;
    this.alarm = this.context.ports.clock.after(timeout, () => {
      this.alarm = undefined;
      this.context.act(expire);
    });
  }

  private move(record: ServiceRecord, seen: Observation, condition: Condition): void {
    const { table, recorder } = this.context;
    const isUnderWay = seen.kind === 'oneshot' && seen.running === this.action;
    if (seen.kind === 'oneshot' && !isUnderWay && condition === 'between') this.transition.unfinished = record;
    if (!this.announce(record)) return;
    this.before = record;
    this.attempt = attemptFrom(this.action, seen);
    table.states[this.step] = 'moving';
    recorder.begun(this.service, this.action, this.timeout());
    this.limit(this.timeout(), () => this.fail('timeout', null));
    if (!isUnderWay) this.tell(record, seen);
    this.look();
  }

  /**
   * Writes that the transition begins. Who wished the opposite just now either sees that when it looks after its wish
   * (`catchUp`), or its wish is seen here: then it counts, and nothing has begun.
   */
  private announce(before: ServiceRecord): boolean {
    this.transition.begin(before);
    const now = this.context.ports.records.read(this.service);
    if (!this.isContrary(now)) return true;
    this.transition.withdraw(before);
    this.context.recorder.overruled(this.service, this.action, now.wantedBy);
    this.finish('missed');
    return false;
  }

  private tell(before: ServiceRecord, seen: Observation): void {
    const { supervisor } = this.context.ports;
    switch (this.action) {
      case 'up':
        supervisor.start(this.service);
        break;
      case 'down':
        this.tellToStop(before, seen);
        break;
      case 'reload':
        supervisor.reload(this.service);
        break;
    }
  }

  private tellToStop(before: ServiceRecord, seen: Observation): void {
    if (!wasToldToStop(before, seen)) this.context.ports.supervisor.stop(this.service);
  }

  /** The service may have changed. */
  look(): void {
    const seen = this.context.ports.supervisor.observe(this.service);
    switch (this.context.table.states[this.step]) {
      case 'clearing':
        if (!mustEndFirst(this.action, seen)) this.decide();
        break;
      case 'moving':
        this.judge(seen);
        break;
      case 'settling':
        if (isAtRest(seen)) this.finish('missed');
        break;
      default:
        break;
    }
  }

  private judge(seen: Observation): void {
    if (!this.toldThatItAsks && seen.kind === 'oneshot' && seen.asks === 'answer') {
      this.toldThatItAsks = true;
      this.context.recorder.asks(this.service);
    }
    const verdict = judge(this.attempt!, seen, () => this.mostDeaths());
    switch (verdict.is) {
      case 'pending':
        break;
      case 'success':
        this.succeed(seen);
        break;
      case 'failure':
        this.fail(verdict.cause, verdict.exit);
        break;
    }
  }

  /** What its restart-limit allows; the supervisor, which counts by time as well, may give it up sooner. */
  private mostDeaths(): number {
    const definition = this.context.database.definition(this.service);
    return (definition.type === 'longrun' ? definition.restart.limit?.count : undefined) ?? RETRIES;
  }

  private succeed(seen: Observation): void {
    if (this.action === 'up' && seen.kind === 'longrun') this.context.cameUp.set(this.service, seen.pid);
    this.transition.succeed();
    const { recorder, ports } = this.context;
    recorder.succeeded(this.service, this.success(seen), this.transition.elapsed);
    if (this.action === 'down')
      recorder.leftRunning(this.service, ports.supervisor.remains(this.service, this.attempt!.base));
    this.finish('done');
  }

  private success(seen: Observation): Success {
    switch (this.action) {
      case 'up':
        return seen.kind === 'longrun' && seen.readySince > 0 ? 'ready' : 'up';
      case 'down':
        return 'down';
      case 'reload':
        return 'reloaded';
    }
  }

  private fail(cause: FailureCause, exit: Exit | null): void {
    const seen = this.context.ports.supervisor.observe(this.service);
    const unread = cause === 'timeout' && this.action !== 'up' ? this.takeBack() : null;
    if (unread !== 'withdrawn') this.recordFailure(cause, exit);
    this.reportFailure(cause, exit, seen, unread);
    if (unread === 'withdrawn') {
      this.finish('missed');
      return;
    }
    const runs = this.attempt !== undefined && !isAtRest(seen);
    if (runs && (this.action === 'up' || seen.kind === 'oneshot')) this.settle();
    else this.finish('missed');
  }

  /**
   * Takes back what the supervisor has not read, so that it is not done some time after this change has given up. A start
   * of what is wanted is left to it: that is what it should do as soon as it goes on.
   */
  private takeBack(): UnreadOrder | null {
    const { supervisor, records } = this.context.ports;
    if (this.context.table.states[this.step] !== 'moving') return null;
    if (this.action === 'up' && records.read(this.service).wanted !== 'no') {
      return supervisor.isUnread(this.service) ? 'left' : null;
    }
    if (!supervisor.withdraw(this.service)) return null;
    this.transition.withdraw(this.before!);
    return 'withdrawn';
  }

  private reportFailure(
    cause: FailureCause,
    exit: Exit | null,
    seen: Observation,
    unread: UnreadOrder | null = null,
  ): void {
    const { elapsed } = this.transition;
    const alive = seen.kind === 'longrun' ? seen.state === 'up' : seen.kind === 'oneshot' && seen.running !== null;
    this.context.recorder.failed(this.service, this.action, {
      cause,
      exit,
      elapsed,
      alive,
      ...(unread === null ? {} : { unread }),
      ...(seen.kind === 'unsupervised' && seen.odd !== undefined ? { odd: seen.odd } : {}),
    });
  }

  private recordFailure(cause: FailureCause, exit: Exit | null): void {
    if (this.attempt !== undefined) this.transition.fail(cause, exit);
  }

  /**
   * Brings what failed to rest before anybody else may touch it: a longrun not longer than its own stop may take, a script
   * until it is gone, since it is killed if it does not go by itself.
   */
  private settle(): void {
    const { table, ports, database } = this.context;
    table.states[this.step] = 'settling';
    this.alarm?.cancel();
    this.alarm = undefined;
    const isOneshot = database.kinds[this.service] === ONESHOT;
    const stopping = database.timeoutDown[this.service]! || database.timeoutUp[this.service]!;
    this.limit(isOneshot ? UNKILLED : stopping, () => this.finish('missed'));
    if (isOneshot) ports.supervisor.kill(this.service);
    else ports.supervisor.stop(this.service);
    this.look();
  }

  /** Looks whether the supervisor seems not to have heard; saying it again does a longrun no harm. */
  remind(): void {
    const { ports, table } = this.context;
    if (this.context.database.kinds[this.service] === ONESHOT) this.remindOneshot();
    const seen = ports.supervisor.observe(this.service);
    if (this.attempt === undefined || seen.kind !== 'longrun' || seen.failed) return;
    if (this.action === 'down' || table.states[this.step] === 'settling') {
      if (seen.supervisorWants !== 'down') ports.supervisor.stop(this.service);
    } else if (this.action === 'up') {
      const { wanted, wantedBy } = ports.records.read(this.service);
      if (wanted === 'no') this.overrule(wantedBy);
      else if (seen.supervisorWants !== 'up') ports.supervisor.start(this.service);
    }
  }

  /** A script may never end: who wants the service down since then need not wait for it. */
  private remindOneshot(): void {
    if (this.action !== 'up' || this.context.table.states[this.step] !== 'moving') return;
    const { wanted, wantedBy } = this.context.ports.records.read(this.service);
    if (wanted === 'no') this.overrule(wantedBy);
  }

  /** Somebody wants the service down while it starts: there is no point in waiting for it. */
  private overrule(by: number): void {
    this.recordFailure('cancelled', null);
    this.context.recorder.overruled(this.service, this.action, by);
    this.settle();
  }

  cancel(): void {
    if (this.context.database.kinds[this.service] !== ONESHOT) {
      this.abandon('cancelled');
      return;
    }
    const unread = this.takeBack();
    if (unread === 'withdrawn') this.abandon('cancelled', unread);
    else if (this.mayAsk()) this.context.ports.supervisor.kill(this.service);
  }

  /** The change ends before this step does. What goes on is left to itself: who looks next will see how it ended. */
  abandon(cause: 'cancelled' | 'timeout', unread: UnreadOrder | null = this.takeBack()): void {
    if (this.context.table.states[this.step] !== 'settling') {
      const seen = this.context.ports.supervisor.observe(this.service);
      // Nobody will have seen how a script ended: its record goes on saying so.
      if (seen.kind !== 'oneshot' && unread !== 'withdrawn') this.recordFailure(cause, null);
      this.reportFailure(cause, null, seen, unread);
    }
    this.finish('missed');
  }

  private finish(end: 'done' | 'missed'): void {
    this.alarm?.cancel();
    this.lease.release();
    this.context.finish(this, end);
  }
}
