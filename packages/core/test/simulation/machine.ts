/**
 * A machine: supervised processes and scripts, records, and locks (locks.ts), on a virtual clock. Any number of clients
 * look at it and move it through their own ports (client.ts). Its supervision tree can be killed: processes go on, nobody answers,
 * requests that were not heard yet are lost; once it is back, it has adopted everything.
 */
import type { Watch } from '../../src/execute/ports.ts';
import { conditionUnderLease } from '../../src/model/condition.ts';
import { type Database, everyService, ONESHOT, type ServiceId } from '../../src/model/database.ts';
import type { Exit, LongrunObservation, Observation, OneshotObservation } from '../../src/model/observation.ts';
import { BLANK_RECORD, type ServiceRecord } from '../../src/model/record.ts';
import type { Behaviour } from './behaviour.ts';
import { Locks } from './locks.ts';
import type { VirtualClock } from './virtual-clock.ts';

type Mutable<Shape> = { -readonly [Key in keyof Shape]: Shape[Key] };
export type Request = 'start' | 'stop' | 'reload' | 'kill';

export class Machine {
  readonly records: ServiceRecord[];
  readonly locks: Locks;
  treeIsAlive = true;
  /** How many processes and scripts were started and stopped, ever. */
  readonly starts: number[];
  readonly stops: number[];
  private readonly longruns: Mutable<LongrunObservation>[] = [];
  private readonly oneshots: Mutable<OneshotObservation>[] = [];
  /** Oneshots whose last script that succeeded was `up`. */
  private readonly upByScript = new Set<ServiceId>();
  private readonly scriptQueue = new Map<ServiceId, ('up' | 'down' | 'reload')[]>();
  /** Rises with everything that makes older plans of a process or a script void. */
  private readonly epochs: number[];
  private readonly watchers: Set<(service: ServiceId) => void>[];
  /** By service: what was said of it, and not heard yet. */
  private readonly unheard: { isWithdrawn: boolean }[][];
  private treeGeneration = 0;
  private heardUntil = 0;
  private nextPid = 100;

  constructor(
    readonly database: Database,
    readonly clock: VirtualClock,
    readonly behaviours: Behaviour[],
    private readonly latency: () => number = () => 0,
  ) {
    const ids = database.names.map((_, id) => id);
    this.records = ids.map(() => BLANK_RECORD);
    this.starts = ids.map(() => 0);
    this.stops = ids.map(() => 0);
    this.epochs = ids.map(() => 0);
    this.unheard = ids.map(() => []);
    this.watchers = ids.map(() => new Set());
    this.locks = new Locks(ids.length, clock);
    for (const id of ids) {
      this.longruns[id] = {
        kind: 'longrun',
        state: 'down',
        ready: false,
        pid: 0,
        since: 0,
        readySince: 0,
        supervisorWants: 'down',
        lastExit: null,
        deaths: 0,
        failed: false,
      };
      this.oneshots[id] = { kind: 'oneshot', running: null, pid: 0, since: 0, last: null };
    }
  }

  /** What is so, whether anybody can see it or not. */
  truth(service: ServiceId): Observation {
    return this.database.kinds[service] === ONESHOT ? this.oneshots[service]! : this.longruns[service]!;
  }

  observe(service: ServiceId): Observation {
    if (!this.treeIsAlive) return { kind: 'unsupervised' };
    return { ...this.truth(service) };
  }

  isUp(service: ServiceId): boolean {
    const truth = this.truth(service);
    if (truth.kind === 'longrun') return conditionUnderLease(this.records[service]!, truth) === 'up';
    return this.upByScript.has(service);
  }

  isDown(service: ServiceId): boolean {
    const truth = this.truth(service);
    if (truth.kind === 'longrun') return truth.state === 'down' && (truth.supervisorWants === 'down' || truth.failed);
    return truth.kind === 'oneshot' && truth.running === null && !this.upByScript.has(service);
  }

  request(service: ServiceId, request: Request): void {
    if (!this.treeIsAlive) return;
    const generation = this.treeGeneration;
    // One pipe: what was said first is heard first.
    this.heardUntil = Math.max(this.heardUntil, this.clock.monotonic() + this.latency());
    const said = { isWithdrawn: false };
    this.unheard[service]!.push(said);
    this.clock.after(this.heardUntil - this.clock.monotonic(), () => {
      if (said.isWithdrawn) return;
      this.unheard[service] = this.unheard[service]!.filter((other) => other !== said);
      if (this.treeIsAlive && this.treeGeneration === generation) this.hear(service, request);
    });
  }

  isUnread(service: ServiceId): boolean {
    return this.unheard[service]!.length > 0;
  }

  /** What was said of the service and not heard yet will not be. */
  withdraw(service: ServiceId): boolean {
    const unheard = this.unheard[service]!;
    for (const request of unheard) request.isWithdrawn = true;
    this.unheard[service] = [];
    return unheard.length > 0;
  }

  private hear(service: ServiceId, request: Request): void {
    if (this.database.kinds[service] === ONESHOT) {
      if (request === 'kill') this.endScript(service, { code: 0, signal: 15 });
      else this.runScript(service, request === 'start' ? 'up' : request === 'stop' ? 'down' : 'reload');
    } else if (request === 'start') this.want(service, 'up');
    else if (request === 'stop') this.want(service, 'down');
  }

  private want(service: ServiceId, wants: 'up' | 'down'): void {
    const longrun = this.longruns[service]!;
    longrun.supervisorWants = wants;
    if (wants === 'up') {
      longrun.failed = false;
      if (longrun.state === 'down') delete longrun.done;
      if (longrun.state === 'down') this.spawn(service);
    } else if (longrun.state === 'up') this.terminate(service);
    else if (longrun.state === 'down') this.epochs[service]!++;
    this.changed(service);
  }

  private spawn(service: ServiceId): void {
    const start = this.behaviours[service]!.start();
    const epoch = ++this.epochs[service]!;
    this.later(service, epoch, start.spawn, () => {
      const longrun = this.longruns[service]!;
      this.starts[service]!++;
      Object.assign(longrun, {
        state: 'up',
        pid: this.nextPid++,
        since: this.clock.now(),
        readySince: 0,
        ready: false,
      });
      this.changed(service);
      if (start.ready !== null) this.later(service, epoch, start.ready, () => this.becomeReady(service));
      if (start.death !== null) this.later(service, epoch, start.death, () => this.die(service, start.exit));
    });
  }

  private becomeReady(service: ServiceId): void {
    Object.assign(this.longruns[service]!, { ready: true, readySince: this.clock.now() });
    this.changed(service);
  }

  private terminate(service: ServiceId): void {
    const delay = this.behaviours[service]!.stop();
    this.stops[service]!++;
    if (delay !== null)
      this.later(service, this.epochs[service]!, delay, () => this.die(service, { code: 0, signal: 15 }));
  }

  /** The process of a longrun ends, now. */
  die(service: ServiceId, exit: Exit): void {
    const longrun = this.longruns[service]!;
    if (longrun.state !== 'up') return;
    const epoch = ++this.epochs[service]!;
    const since = this.clock.now();
    const end = longrun.ready && this.behaviours[service]!.mayEnd(exit) ? { done: true } : { failed: true };
    Object.assign(longrun, { state: 'finishing', ready: false, readySince: 0, pid: 0, since, lastExit: exit });
    longrun.deaths++;
    this.changed(service);
    const behaviour = this.behaviours[service]!;
    this.later(service, epoch, behaviour.finish(), () => {
      Object.assign(longrun, { state: 'down', since: this.clock.now() });
      if (longrun.supervisorWants === 'up') {
        if (behaviour.givesUp()) Object.assign(longrun, { ...end, supervisorWants: 'down' });
        else this.spawn(service);
      }
      this.changed(service);
    });
  }

  private runScript(service: ServiceId, action: 'up' | 'down' | 'reload'): void {
    const oneshot = this.oneshots[service]!;
    if (oneshot.running !== null) {
      const queue = this.scriptQueue.get(service) ?? [];
      this.scriptQueue.set(service, [...queue, action]);
      return;
    }
    const { duration, exit } = this.behaviours[service]!.script(action);
    if (action === 'up') this.starts[service]!++;
    if (action === 'down') this.stops[service]!++;
    const epoch = ++this.epochs[service]!;
    Object.assign(oneshot, { running: action, pid: this.nextPid++, since: this.clock.now() });
    this.changed(service);
    if (duration !== null) this.later(service, epoch, duration, () => this.endScript(service, exit));
  }

  /** Scripts, and processes that are neither ready nor will be. */
  endWhatHangs(service: ServiceId): void {
    const killed = { code: 0, signal: 9 };
    this.endScript(service, killed);
    if (!this.isUp(service)) this.die(service, killed);
  }

  private endScript(service: ServiceId, exit: Exit): void {
    const oneshot = this.oneshots[service]!;
    const action = oneshot.running;
    if (action === null) return;
    this.epochs[service]!++;
    const at = this.clock.now();
    Object.assign(oneshot, { running: null, pid: 0, since: at, last: { action, exit, at } });
    const succeeded = exit.code === 0 && exit.signal === 0;
    if (succeeded && action === 'up') this.upByScript.add(service);
    if (succeeded && action === 'down') this.upByScript.delete(service);
    this.changed(service);
    const [next, ...rest] = this.scriptQueue.get(service) ?? [];
    this.scriptQueue.set(service, rest);
    if (next !== undefined) this.runScript(service, next);
  }

  private later(service: ServiceId, epoch: number, delay: number, act: () => void): void {
    this.clock.after(delay, () => {
      if (this.epochs[service] === epoch) act();
    });
  }

  private changed(service: ServiceId): void {
    if (!this.treeIsAlive) return;
    for (const notify of [...this.watchers[service]!]) notify(service);
  }

  killTree(): void {
    this.treeIsAlive = false;
    this.treeGeneration++;
    this.tellAll();
  }

  startTree(): void {
    this.treeIsAlive = true;
    this.tellAll();
  }

  private tellAll(): void {
    for (const service of everyService(this.database))
      for (const notify of [...this.watchers[service]!]) notify(service);
  }

  watch(services: Iterable<ServiceId>, notify: (service: ServiceId) => void): Watch {
    const watched = [...services];
    for (const service of watched) this.watchers[service]!.add(notify);
    return {
      close: () => {
        for (const service of watched) this.watchers[service]!.delete(notify);
      },
    };
  }

  /** Watches that nobody has closed. */
  openWatches(): number {
    return this.watchers.reduce((sum, watchers) => sum + watchers.size, 0);
  }
}
