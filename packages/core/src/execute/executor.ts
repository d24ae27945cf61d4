/**
 * Carries out a plan. Each step is a small machine (step-state.ts); all of them are driven by one queue (work-queue.ts),
 * and by the three things that can happen: a service changed, a lock is free, a time is up.
 *
 * A lease (the lock of the service that moves, and shared ones on those that must stay as they are) is held from the look
 * until the step has ended, and never while anything is waited for but the transition itself (step-run.ts). What the look
 * finds under that lease is the truth, whatever the plan thought: a service that is there already is done; one whose needs
 * are not up, or whose dependents are not down, gets a step added before it (repair.ts); one that somebody else has wished
 * the opposite for since is given up. A step whose predecessor missed is skipped; nothing else is.
 */
import { targetsOf } from '../graph/edges.ts';
import { invariant } from '../invariant.ts';
import type { Database, ServiceId } from '../model/database.ts';
import type { Plan, StepIndex } from '../plan/plan.ts';
import { Arrivals } from './arrivals.ts';
import type { Outcome } from './outcome.ts';
import { OutcomeRecorder } from './outcome-recorder.ts';
import type { Alarm, Contention, Ports } from './ports.ts';
import { type Obstacle, removeObstacles } from './repair.ts';
import { StepRun } from './step-run.ts';
import { DONE, type Ended } from './step-state.ts';
import { type Move, type StepTable, tableOf } from './step-table.ts';
import { WatchedServices } from './watched.ts';
import { catchUp, unwantedAmong, writeWishes } from './wishes.ts';
import { WorkQueue } from './work-queue.ts';

export interface ExecuteOptions {
  /** How many transitions may be under way at once; absent means any number. */
  readonly jobs?: number;
  /** Milliseconds for everything together; absent means no limit. */
  readonly timeout?: number;
  /** A lock that somebody else holds ends the change. */
  readonly noWait?: boolean;
  /** Essential services may be stopped where the world, not the plan, demands it. */
  readonly forced?: boolean;
}

export interface Execution {
  /** Rejected with what a port throws: then nothing more is done, as if this process had died at that moment. */
  readonly done: Promise<Outcome>;
  /** Waits for longruns are given up, oneshots finish, nothing new starts. */
  cancel(): void;
}

/** Starts at once: wishes are written, and the first steps begun, before this returns. Throws nothing that a port throws. */
export function execute(
  database: Database,
  plan: Plan<unknown>,
  ports: Ports,
  options: ExecuteOptions = {},
): Execution {
  const executor = new Executor(database, plan, ports, options);
  executor.begin();
  return { done: executor.done, cancel: () => executor.cancel() };
}

/** Milliseconds after which everything under way is looked at again, should a hint have been lost. */
const HEARTBEAT = 1000;

class Executor {
  readonly done: Promise<Outcome>;
  readonly database: Database;
  readonly ports: Ports;
  readonly table: StepTable;
  readonly recorder: OutcomeRecorder;
  readonly forced: boolean;
  /** Services that this change wants down. */
  readonly unwanted: Set<ServiceId>;
  readonly arrivals = new Arrivals();
  readonly #plan: Plan<unknown>;
  readonly #options: ExecuteOptions;
  readonly #settle: PromiseWithResolvers<Outcome>;
  readonly #queue = new WorkQueue({
    look: (service) => this.#runs.get(service)?.look(),
    hasRoom: () => this.#runs.size < (this.#options.jobs ?? Number.POSITIVE_INFINITY),
    launch: (step) => this.#launch(step),
    rest: () => this.#rest(),
    broke: (error) => this.#break(error),
  });
  readonly #runs = new Map<ServiceId, StepRun>();
  readonly #watched: WatchedServices;
  #deadline: Alarm | undefined;
  #heartbeat: Alarm | undefined;
  #isStopping = false;

  constructor(database: Database, plan: Plan<unknown>, ports: Ports, options: ExecuteOptions) {
    this.database = database;
    this.ports = ports;
    this.#plan = plan;
    this.#options = options;
    this.#settle = Promise.withResolvers();
    this.done = this.#settle.promise;
    this.table = tableOf(plan);
    this.recorder = new OutcomeRecorder(ports.events, plan.refused ?? []);
    this.forced = options.forced ?? false;
    this.unwanted = unwantedAmong(plan.wishes ?? []);
    this.#watched = new WatchedServices(ports.supervisor, (service) => this.#touch(service));
  }

  /** What a port throws here rejects the change, as it does later. */
  begin(): void {
    this.#queue.act(() => this.#prepare());
  }

  #prepare(): void {
    const { wishes = [] } = this.#plan;
    writeWishes(wishes, this.ports);
    catchUp(wishes, this.ports, this.table);
    this.watch(this.table.every().flatMap((step) => (this.table.isGate(step) ? [] : this.table.moveOf(step).service)));
    const { timeout } = this.#options;
    if (timeout !== undefined) this.#deadline = this.ports.clock.after(timeout, () => this.#expire());
    for (const step of this.table.every()) if (this.table.isFree(step)) this.enqueue(step);
  }

  watch(services: readonly ServiceId[]): void {
    this.#watched.add(services);
  }

  cancel(): void {
    if (this.#queue.isClosed || this.#isStopping) return;
    this.recorder.ended('cancelled');
    this.act(() => {
      this.#stop();
      for (const run of [...this.#runs.values()]) run.cancel();
    });
  }

  #expire(): void {
    this.recorder.ended('timed-out');
    this.act(() => {
      this.#stop();
      for (const run of [...this.#runs.values()]) run.expire();
    });
  }

  /** Nothing that has not begun will. */
  #stop(): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    for (const step of this.table.every())
      if (!this.table.hasEnded(step) && !this.table.isUnderWay(step)) this.#leave(step);
  }

  #leave(step: StepIndex): void {
    const state = this.table.stateOf(step);
    const contention = state.kind === 'queued' || state.kind === 'contended' ? state.contention : null;
    if (!this.table.isGate(step)) this.recorder.left(this.table.moveOf(step), contention);
    this.table.leave(step);
  }

  enqueue(step: StepIndex): void {
    const state = this.table.stateOf(step);
    this.table.enter(step, { kind: 'queued', contention: state.kind === 'contended' ? state.contention : null });
    this.#queue.add(step);
  }

  #touch(service: ServiceId): void {
    if (this.#runs.has(service)) this.#queue.touch(service);
    else this.arrivals.touch(service);
  }

  act(work: () => void): void {
    this.#queue.act(work);
  }

  /** Nothing more can be done now. */
  #rest(): void {
    if (this.table.open === 0) this.#endChange();
    else this.#keepBeating();
  }

  /** A port threw. What it leaves is the next change's; but whoever goes on as a process must hear nothing of it later. */
  #break(error: unknown): void {
    this.#heartbeat?.cancel();
    this.#deadline?.cancel();
    for (const run of this.#runs.values()) run.dropLimit();
    this.#watched.close();
    this.table.closeWatches();
    this.#settle.reject(error);
  }

  #endChange(): void {
    this.#queue.close();
    this.#heartbeat?.cancel();
    this.#deadline?.cancel();
    const end = () => {
      this.#watched.close();
      for (const { service, exit } of this.arrivals.dead(this.ports.supervisor)) this.recorder.died(service, exit);
      this.#settle.resolve(this.recorder.outcome);
    };
    // What has been told of deaths until now, and not been heard yet, is heard first.
    if (this.arrivals.isEmpty) end();
    else this.ports.clock.after(0, () => this.#endOrBreak(end));
  }

  #endOrBreak(end: () => void): void {
    try {
      end();
    } catch (error) {
      this.#settle.reject(error);
    }
  }

  #keepBeating(): void {
    if (this.#heartbeat !== undefined || this.#runs.size === 0) return;
    this.#heartbeat = this.ports.clock.after(HEARTBEAT, () => {
      this.#heartbeat = undefined;
      this.act(() => {
        for (const [service, run] of this.#runs) {
          run.remind();
          this.#queue.touch(service);
        }
      });
    });
  }

  #launch(step: StepIndex): void {
    // It may have been told to wait again, or have been left, since it was put into the queue.
    if (this.table.stateOf(step).kind !== 'queued') return;
    if (this.table.isGate(step)) {
      this.#openGate(step);
      return;
    }
    const move = this.table.moveOf(step);
    const lease = this.ports.locks.tryLock(move.service, move.action === 'up' ? this.#companions(move.service) : []);
    if (!lease.ok) {
      this.#contend(step, move, lease.problem);
      return;
    }
    invariant(!this.#runs.has(move.service), () => `two steps of service ${move.service} hold its lease`);
    const run = new StepRun(this, step, move, lease.value);
    this.#runs.set(move.service, run);
    run.decide();
  }

  /** After the stops, before the starts. A stop that somebody else did not want is no failure of this change. */
  #openGate(gate: StepIndex): void {
    const failure = this.recorder.outcome.failed.find(({ action }) => action === 'down');
    this.end(gate, failure === undefined ? DONE : { kind: 'missed', because: failure.service });
  }

  /** Those that must stay as they are while a service starts. */
  #companions(service: ServiceId): ServiceId[] {
    return [...targetsOf(this.database.needs, service), ...targetsOf(this.database.conflicts, service)];
  }

  #contend(step: StepIndex, { service }: Move, contention: Contention): void {
    if (contention.deadlock || this.#options.noWait) {
      this.recorder.blocked(service, contention);
      this.#leave(step);
      this.#stop();
      return;
    }
    const state = this.table.stateOf(step);
    const isTold = state.kind === 'queued' && state.contention !== null;
    if (!isTold) this.recorder.waiting(service, contention);
    const freed = () => {
      if (this.table.stateOf(step).kind !== 'contended') return;
      this.enqueue(step);
      this.#queue.work();
    };
    this.table.enter(step, { kind: 'contended', contention, watch: this.ports.locks.whenFree(contention, freed) });
  }

  /** The step cannot go on before others that its plan does not have. */
  postpone(step: StepIndex, obstacles: readonly Obstacle[]): void {
    this.#runs.delete(this.table.moveOf(step).service);
    removeObstacles(this, step, obstacles);
  }

  finish(step: StepIndex, end: Ended): void {
    this.#runs.delete(this.table.moveOf(step).service);
    this.end(step, end);
  }

  end(step: StepIndex, end: Ended): void {
    this.table.conclude(step, end, {
      freed: (later) => this.enqueue(later),
      skipped: (later, because) => {
        if (!this.table.isGate(later)) this.recorder.skipped(this.table.moveOf(later), because);
      },
    });
  }
}
