/**
 * Carries out a plan. Each step is a small machine; all of them are driven by one queue (work-queue.ts), and by the three
 * things that can happen: a service changed, a lock is free, a time is up.
 *
 *     waiting ──last predecessor ended──▶ queued ──lease──▶ (look) ──▶ clearing ──▶ moving ──▶ done
 *        ▲                                 │   ▲              │  what is      the       │ died, failed,
 *        │                         no lease▼   │free          │  under way    transition▼ timed out
 *        │                               contended            │  must end            settling ──▶ missed
 *        └──────────── the world moved: a step was added before this one                (brought down)
 *
 * A lease (the lock of the service that moves, and shared ones on those that must stay as they are) is held from the look
 * until the step has ended, and never while anything is waited for but the transition itself (run.ts). What the look
 * finds under that lease is the truth, whatever the plan thought: a service that is there already is done; one whose needs
 * are not up, or whose dependents are not down, gets a step added before it (repair.ts); one that somebody else has wished
 * the opposite for since is given up. A step whose predecessor missed is skipped; nothing else is.
 */
import { targetsOf } from '../graph/edges.ts';
import { conditionOf } from '../model/condition.ts';
import type { Database, ServiceId } from '../model/database.ts';
import type { Plan, StepIndex } from '../plan/plan.ts';
import { diedSince } from './attempt.ts';
import type { Outcome } from './outcome.ts';
import { OutcomeRecorder } from './outcome-recorder.ts';
import type { Alarm, Contention, Ports, Watch } from './ports.ts';
import { type Obstacle, removeObstacles } from './repair.ts';
import { StepRun } from './step-run.ts';
import { GATE, type StepTable, tableOf } from './step-table.ts';
import { WatchedServices } from './watched.ts';
import { WorkQueue } from './work-queue.ts';

export interface ExecuteOptions {
  /** How many transitions may be under way at once; absent: any number. */
  readonly jobs?: number;
  /** Milliseconds for everything together; absent: no limit. */
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

/** Starts at once. Wishes are written, and the first steps begun, before this returns. */
export function execute(database: Database, plan: Plan, ports: Ports, options: ExecuteOptions = {}): Execution {
  const executor = new Executor(database, plan, ports, options);
  executor.begin();
  return { done: executor.done, cancel: () => executor.cancel() };
}

/** Milliseconds after which everything under way is looked at again, should a hint have been lost. */
const HEARTBEAT = 1000;

class Executor {
  readonly done: Promise<Outcome>;
  readonly table: StepTable;
  readonly recorder: OutcomeRecorder;
  readonly forced: boolean;
  /** Services that this change wants down. */
  readonly unwanted = new Set<ServiceId>();
  readonly cameUp = new Map<ServiceId, number>();
  private resolve!: (outcome: Outcome) => void;
  private reject!: (error: unknown) => void;
  private readonly queue = new WorkQueue({
    look: (service) => this.runs.get(service)?.look(),
    hasRoom: () => this.runs.size < (this.options.jobs ?? Number.POSITIVE_INFINITY),
    launch: (step) => {
      if (this.table.states[step] === 'queued') this.launch(step);
    },
    rest: () => this.rest(),
    broke: (error) => this.reject(error),
  });
  private readonly runs = new Map<ServiceId, StepRun>();
  /** Of steps that wait for another change. */
  private readonly waits = new Map<StepIndex, { readonly on: Contention; readonly watch: Watch }>();
  private readonly watched: WatchedServices;
  /** Something happened to them while no step of theirs was under way. */
  private readonly stirred = new Set<ServiceId>();
  private deadline: Alarm | undefined;
  private heartbeat: Alarm | undefined;
  private stopping = false;

  constructor(
    readonly database: Database,
    private readonly plan: Plan,
    readonly ports: Ports,
    private readonly options: ExecuteOptions,
  ) {
    this.done = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.table = tableOf(plan);
    this.recorder = new OutcomeRecorder(ports.events, plan.refused ?? []);
    this.forced = options.forced ?? false;
    this.watched = new WatchedServices(ports.supervisor, (service) => this.touch(service));
  }

  begin(): void {
    for (const { service, wanted } of this.plan.wishes ?? []) {
      if (wanted === 'no') this.unwanted.add(service);
      const wantedNow = this.ports.records.read(service).wanted;
      const stands = wanted === 'pulled' ? wantedNow !== 'no' : wantedNow === wanted;
      if (!stands) this.ports.records.wish(service, wanted);
    }
    this.catchUp();
    this.watch(this.table.services.filter((service) => service !== GATE));
    const { timeout } = this.options;
    if (timeout !== undefined) this.deadline = this.ports.clock.after(timeout, () => this.expire());
    for (const step of this.table.every()) if (this.table.pending[step] === 0) this.enqueue(step);
    this.queue.work();
  }

  /**
   * A change that began to move a service before it could see this one's wish, and after this one's plan saw the service,
   * is answered with a step of our own. (It looks at the wish once more after it has written that it began.)
   */
  private catchUp(): void {
    const { supervisor, records } = this.ports;
    for (const { service, wanted } of this.plan.wishes ?? []) {
      const action = wanted === 'no' ? 'down' : 'up';
      if (this.table.openStep(service, action) !== undefined) continue;
      const moved = conditionOf(records.read(service), supervisor.observe(service)) !== action;
      if (moved) this.table.add(service, action);
    }
  }

  watch(services: readonly ServiceId[]): void {
    this.watched.add(services);
  }

  cancel(): void {
    if (this.queue.isClosed || this.stopping) return;
    this.recorder.outcome.end = 'cancelled';
    this.act(() => {
      this.stop();
      for (const run of [...this.runs.values()]) run.cancel();
    });
  }

  private expire(): void {
    this.recorder.outcome.end = 'timed-out';
    this.act(() => {
      this.stop();
      for (const run of [...this.runs.values()]) run.abandon('timeout');
    });
  }

  /** Nothing that has not begun will. */
  private stop(): void {
    if (this.stopping) return;
    this.stopping = true;
    for (const step of this.table.every()) {
      const state = this.table.states[step]!;
      if (state === 'waiting' || state === 'queued' || state === 'contended') this.leave(step);
    }
  }

  private leave(step: StepIndex): void {
    const { services, actions } = this.table;
    const wait = this.waits.get(step);
    if (wait !== undefined) {
      const { service: on, holder } = wait.on;
      this.recorder.outcome.awaited.push({ service: services[step]!, on, holder });
    }
    this.forgetWait(step);
    if (services[step] !== GATE) this.recorder.outcome.left.push({ service: services[step]!, action: actions[step]! });
    this.table.close(step, 'missed');
  }

  enqueue(step: StepIndex): void {
    this.table.states[step] = 'queued';
    this.queue.add(step);
  }

  private touch(service: ServiceId): void {
    if (this.runs.has(service)) this.queue.touch(service);
    else this.stirred.add(service);
  }

  act(work: () => void): void {
    this.queue.act(work);
  }

  /** Nothing more can be done now. */
  private rest(): void {
    if (this.table.open === 0) this.endChange();
    else this.keepBeating();
  }

  private endChange(): void {
    this.queue.close();
    this.heartbeat?.cancel();
    this.deadline?.cancel();
    const end = () => {
      this.watched.close();
      this.tellOfDead();
      this.resolve(this.recorder.outcome);
    };
    // What has been told of deaths until now, and not been heard yet, is heard first.
    if (this.cameUp.size === 0) end();
    else this.ports.clock.after(0, () => this.endOrBreak(end));
  }

  private endOrBreak(end: () => void): void {
    try {
      end();
    } catch (error) {
      this.reject(error);
    }
  }

  /** Without a readiness to wait for, a daemon is up when its process runs: here it is seen if that was not for long. */
  private tellOfDead(): void {
    for (const [service, pid] of this.cameUp) {
      const seen = this.stirred.has(service) ? this.ports.supervisor.observe(service) : null;
      if (seen?.kind === 'longrun' && diedSince(pid, seen)) this.recorder.died(service, seen.lastExit);
    }
  }

  private keepBeating(): void {
    if (this.heartbeat !== undefined || this.runs.size === 0) return;
    this.heartbeat = this.ports.clock.after(HEARTBEAT, () => {
      this.heartbeat = undefined;
      this.act(() => {
        for (const [service, run] of this.runs) {
          run.remind();
          this.queue.touch(service);
        }
      });
    });
  }

  private launch(step: StepIndex): void {
    const service = this.table.services[step]!;
    if (service === GATE) {
      this.openGate(step);
      return;
    }
    const lease = this.ports.locks.tryLock(service, this.table.actions[step] === 'up' ? this.companions(service) : []);
    if (lease.kind === 'contention') {
      this.contend(step, lease);
      return;
    }
    this.forgetWait(step);
    const run = new StepRun(this, step, lease);
    this.runs.set(service, run);
    run.decide();
  }

  /** After the stops, before the starts. A stop that somebody else did not want is no failure of this change. */
  private openGate(gate: StepIndex): void {
    const failure = this.recorder.outcome.failed.find(({ action }) => action === 'down');
    if (failure !== undefined) this.table.because[gate] = failure.service;
    this.end(gate, failure === undefined ? 'done' : 'missed');
  }

  /** Those that must stay as they are while a service starts. */
  private companions(service: ServiceId): ServiceId[] {
    return [...targetsOf(this.database.needs, service), ...targetsOf(this.database.conflicts, service)];
  }

  private contend(step: StepIndex, contention: Contention): void {
    const service = this.table.services[step]!;
    const { service: on, holder, deadlock } = contention;
    if (deadlock || this.options.noWait) {
      this.recorder.outcome.blocked ??= { why: deadlock ? 'deadlock' : 'busy', service, on, holder };
      this.leave(step);
      this.stop();
      return;
    }
    if (!this.waits.has(step)) this.recorder.waiting(service, on, holder);
    this.table.states[step] = 'contended';
    this.waits.get(step)?.watch.close();
    const freed = () => {
      if (this.table.states[step] !== 'contended') return;
      this.enqueue(step);
      this.queue.work();
    };
    this.waits.set(step, { on: contention, watch: this.ports.locks.whenFree(contention, freed) });
  }

  private forgetWait(step: StepIndex): void {
    this.waits.get(step)?.watch.close();
    this.waits.delete(step);
  }

  /** The step cannot go on before others that its plan does not have. */
  postpone(run: StepRun, obstacles: readonly Obstacle[]): void {
    this.runs.delete(this.table.services[run.step]!);
    removeObstacles(this, run.step, obstacles);
  }

  finish(run: StepRun, end: 'done' | 'missed'): void {
    this.runs.delete(this.table.services[run.step]!);
    this.end(run.step, end);
  }

  end(step: StepIndex, end: 'done' | 'missed'): void {
    const { services, actions, because } = this.table;
    this.table.conclude(step, end, {
      freed: (later) => this.enqueue(later),
      skipped: (later) => {
        if (services[later] !== GATE) this.recorder.skipped(services[later]!, actions[later]!, because[later]!);
      },
    });
  }
}
