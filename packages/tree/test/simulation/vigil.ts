/**
 * What must hold of the tree, watched at every step: whenever a process starts, gets a signal or ends, an order is heard, or
 * something is told. It knows the processes themselves, and by the clock that nobody sets; nothing that the tree believes.
 */
import { constants as os } from 'node:os';
import { RuleBroken } from '@muster/core/test/simulation/rules';
import type { VirtualClock } from '@muster/core/test/simulation/virtual-clock';
import { exitOf, type Status } from '@muster/protocol/s6/status';
import { isSuccess } from '@muster/protocol/success-codes';
import { isAlive, type SimulatedProcess, type Witness } from './kernel.ts';
import type { Settings } from './settings.ts';

const { signals: SIGNAL } = os;

/** Milliseconds within which the tree does what it can do at once, whatever polls are in between. */
const PROMPT = 1000;
/** Milliseconds by which the tree may be early: a start time is known to the tick. */
const TICK = 20;
/** Milliseconds that `finish` may take. */
const LONGEST_FINISH = 6000;
/** Milliseconds without a tree. */
const LONGEST_ABSENCE = 6000;

export class WatchedService {
  starts = 0;
  run: SimulatedProcess | undefined;
  finish: SimulatedProcess | undefined;
  /** When the tree has last told of a death, or of none that was to be told; of readiness, since its start. */
  toldDeathAt = 0;
  toldReadyAt = 0;
  startedAt = 0;
  /** When an order was heard last. */
  orderedAt = 0;
  /** The first order to stop that its process may have been told of, and the first that it was told of for certain. */
  orderedDownAt = Number.POSITIVE_INFINITY;
  toldDownAt = Number.POSITIVE_INFINITY;
  /** Of deaths that nobody ordered since an order was heard last: when they happened. */
  deaths: number[] = [];
  /**
   * Deaths of processes that were not asked to end, when they happened, whether a tree lived to tell of them or not; and starts
   * that failed. `forgotten`: those that have not counted since the last order.
   */
  ends: readonly number[] = [];
  forgotten: readonly number[] = [];
  isDeathTold = true;
  isStartFailed = false;
  /** Such deaths in a row, each soon after its start. */
  streak = 0;
  /** Deaths in a row of which nobody was told that it was ready before; and told ones before which it never said so. */
  unready = 0;
  neverReady = 0;
  /** Its processes may have been told more than once, or its deaths told of twice: a tree was killed since. */
  isExcused = false;
  finishes = 0;

  constructor(
    readonly name: string,
    readonly settings: Settings,
  ) {}
}

export class Vigil implements Witness {
  readonly services: ReadonlyMap<string, WatchedService>;
  broken: RuleBroken | undefined;
  readonly #clock: VirtualClock;

  constructor(settings: ReadonlyMap<string, Settings>, clock: VirtualClock) {
    this.services = new Map([...settings].map(([name, of]) => [name, new WatchedService(name, of)]));
    this.#clock = clock;
  }

  of(name: string): WatchedService {
    return this.services.get(name)!;
  }

  // Of processes:

  started(process: SimulatedProcess): void {
    const { service: name, role } = process;
    if (name === undefined || role === 'ready-check') return;
    const service = this.of(name);
    for (const other of [service.run, service.finish])
      if (other !== undefined && isAlive(other)) this.#broken(`${role} of ${name} was started beside pid ${other.pid}`);
    if (role === 'finish') {
      service.finish = process;
      service.finishes++;
      if (service.finishes > 1 && !service.isExcused) this.#broken(`${name} was finished twice`);
      this.#checkWords(process, service);
      return;
    }
    this.#checkDelay(service);
    service.starts++;
    service.isDeathTold = false;
    service.run = process;
    service.finishes = 0;
    service.isExcused = false;
    service.startedAt = this.#now;
    service.orderedDownAt = Number.POSITIVE_INFINITY;
    service.toldDownAt = Number.POSITIVE_INFINITY;
    service.toldReadyAt = 0;
  }

  signalled(process: SimulatedProcess, signal: number): void {
    const { service: name, pid, role } = process;
    if (name === undefined) this.#broken(`signal ${signal} was sent to pid ${pid}, a ${role}`);
    if (role !== 'run' || signal === SIGNAL.SIGCONT || signal === SIGNAL.SIGHUP) return;
    const service = this.of(name);
    if (!isStopping(service)) this.#broken(`${name}, which nobody stops, got signal ${signal}`);
    if (signal === SIGNAL.SIGTERM && process.terms > 0 && !service.isExcused)
      this.#broken(`${name} was asked to end ${process.terms + 1} times`);
    const { timeoutKill } = service.settings;
    const isEarly = this.#now < service.orderedDownAt + timeoutKill - TICK;
    if (signal === SIGNAL.SIGKILL && (timeoutKill === 0 || isEarly)) this.#broken(`${name} was killed too early`);
  }

  /** A tree may not have lived to do what was ordered: what counts is whether the process was asked. */
  ended({ service: name, role, terms }: SimulatedProcess): void {
    if (name === undefined || role !== 'run' || terms > 0) return;
    const service = this.of(name);
    this.#end(service, { isUnready: service.toldReadyAt === 0 });
  }

  /** A start came to nothing, whether the tree lives to tell of it or not. */
  notStarted(name: string): void {
    this.#end(this.of(name), { isUnready: true });
  }

  #end(service: WatchedService, { isUnready }: { readonly isUnready: boolean }): void {
    service.unready = isUnready ? service.unready + 1 : 0;
    service.ends = [...service.ends, this.#now];
  }

  // Of the tree:

  treeDied(): void {
    for (const service of this.services.values()) {
      service.isExcused = true;
      // It may have died before it did what it had just heard.
      if (service.toldDownAt === this.#now) service.toldDownAt = Number.POSITIVE_INFINITY;
      if (service.orderedAt === this.#now) service.ends = [...service.forgotten, ...service.ends];
    }
  }

  heard(name: string, request: 'start' | 'stop' | 'reload'): void {
    if (request === 'reload') return;
    const service = this.of(name);
    service.orderedAt = this.#now;
    const { ends } = service;
    if (request === 'stop') {
      service.orderedDownAt = Math.min(service.orderedDownAt, this.#now);
      service.toldDownAt = Math.min(service.toldDownAt, this.#now);
    }
    if (request === 'start' && (service.run === undefined || !isAlive(service.run)))
      service.orderedDownAt = Number.POSITIVE_INFINITY;
    this.#forget(service);
    service.forgotten = ends.slice(0, ends.length - service.ends.length);
  }

  told(name: string, letter: string): void {
    const service = this.of(name);
    if (letter === 'U') {
      this.#checkReadiness(service);
      service.toldReadyAt = this.#now;
    }
    if (letter === 'd') this.#noteDeath(service);
    if (letter === 'O') this.#checkGivingUp(service);
  }

  /** Now and then. `aliveSince`: when this life of the tree could first do something. */
  check(service: WatchedService, status: Status | undefined, aliveSince: number): void {
    const isLate: IsLate = (since, allowed = PROMPT) => this.#now > Math.max(since, aliveSince) + allowed;
    if (service.run !== undefined && isAlive(service.run)) this.#checkRunning(service, service.run, status, isLate);
    else if (status !== undefined) this.#checkStopped(service, status, isLate);
  }

  #checkRunning(service: WatchedService, run: SimulatedProcess, status: Status | undefined, isLate: IsLate): void {
    const { settings, name, startedAt, toldDownAt } = service;
    const isKnown = status?.pid === run.pid;
    if (!isKnown && isLate(startedAt)) this.#broken(`${name} runs, and nobody knows pid ${run.pid}`);
    if (isKnown && status.ready) this.#checkReadiness(service);
    const isToBeReady = settings.hasReadiness && run.notifiedAt > 0 && !isStopping(service);
    if (isToBeReady && status?.ready === false && isLate(run.notifiedAt, PROMPT + settings.readyAfter))
      this.#broken(`${name} said at ${run.notifiedAt} that it is ready, and still is starting`);
    if (settings.timeoutKill > 0 && isLate(toldDownAt + settings.timeoutKill))
      this.#broken(`${name} was not killed in time`);
  }

  #checkStopped(service: WatchedService, status: Status, isLate: IsLate): void {
    const { settings, name, run, orderedAt, toldDeathAt } = service;
    const diedAt = run?.diedAt ?? 0;
    const isToldUp = status.pid !== 0 && !status.finishing;
    if (isToldUp && isLate(diedAt)) this.#broken(`${name} died at ${diedAt}, and is told to be up`);
    const since = Math.max(diedAt, orderedAt, toldDeathAt, service.finish?.diedAt ?? 0);
    if (status.pid === 0 && status.wantUp && isLate(since, PROMPT + settings.longestDelay))
      this.#broken(`${name} is to be up, and stays down since ${since}`);
    if (status.finishing && isLate(since, PROMPT + LONGEST_FINISH)) this.#broken(`${name} is finishing since ${since}`);
  }

  /** It is told to have ended as it may. */
  checkDone(name: string): void {
    const { run, settings, startedAt } = this.of(name);
    if (settings.policy === 'always') this.#broken(`${name} is done, and is to be started again always`);
    if (run === undefined || isAlive(run) || !isSuccess(settings.successCodes, exitOf(run.waitStatus)))
      this.#broken(`${name} is done, and ended with ${run?.waitStatus}`);
    const wasReady =
      settings.readiness === 'after' ? run.diedAt >= startedAt + settings.readyAfter - TICK : run.notifiedAt > 0;
    if (settings.hasReadiness && !wasReady) this.#broken(`${name} is done, and was never ready`);
  }

  /** It is told to be ready. */
  #checkReadiness({ run, name, settings, startedAt }: WatchedService): void {
    const { readiness, readyAfter } = settings;
    const hasSaid = readiness === 'after' ? this.#now >= startedAt + readyAfter - TICK : (run?.notifiedAt ?? 0) > 0;
    if (!hasSaid) this.#broken(`${name} is told to be ready, and is not`);
  }

  #noteDeath(service: WatchedService): void {
    const now = this.#now;
    service.toldDeathAt = now;
    const hasSaid = service.settings.readiness === 'notification' && (service.run?.notifiedAt ?? 0) > 0;
    if (hasSaid && service.toldReadyAt === 0 && !service.isExcused)
      this.#broken(`${service.name} was ready before it died, and nobody was told`);
    service.isStartFailed = service.isDeathTold && !service.isExcused;
    // It is told of again when the tree that told of it was killed before `finish` had ended.
    if (service.isDeathTold && service.isExcused) return;
    service.isDeathTold = true;
    if (isStopping(service)) {
      const { ends } = service;
      this.#forget(service);
      // It was ordered, and the tree was killed before it asked: to the next it is a death like any other.
      if (service.run?.terms === 0) service.ends = ends;
      return;
    }
    // An earlier life may have seen it, and not lived to tell.
    const diedAt = service.isStartFailed ? now : (service.run?.diedAt ?? now);
    service.deaths.push(diedAt);
    const { delay, readiness } = service.settings;
    const isUnready = service.isStartFailed || (readiness === 'notification' && service.run?.notifiedAt === 0);
    service.neverReady = isUnready ? service.neverReady + 1 : 0;
    const isOld = delay !== null && now - service.startedAt >= delay.delayMax + 1000 - TICK;
    service.streak = isOld ? 1 : service.streak + 1;
  }

  /** What the tree has not seen yet counts from now on. */
  #forget(service: WatchedService): void {
    const { run, isDeathTold } = service;
    const isUnseen = run !== undefined && !isDeathTold && !isAlive(run) && run.terms === 0;
    service.deaths = [];
    service.unready = isUnseen ? 1 : 0;
    service.neverReady = 0;
    service.ends = isUnseen ? [run.diedAt] : [];
    service.streak = 0;
  }

  /** Never sooner than its restart-delay says, counted by the clock that nobody sets; nor beyond its restart-limit. */
  #checkDelay(service: WatchedService): void {
    const { name, settings, toldDeathAt, orderedAt, streak } = service;
    if (toldDeathAt === 0 || orderedAt >= toldDeathAt || streak === 0) return;
    // It came in the start that a tree was killed in, and has gone unseen.
    if (!service.isDeathTold) return;
    const { delay, limit, retries, factor } = settings;
    if (retries !== null && service.neverReady > retries)
      this.#broken(`${name} was started again after ${service.neverReady} deaths before it was ready`);
    // Of a death that was told of late the tree may know when it was.
    const diedAt = service.isStartFailed ? toldDeathAt : (service.run?.diedAt ?? toldDeathAt);
    const rest = delay === null ? 1000 : Math.min(delay.delayMax, delay.delayMin * factor ** (streak - 1));
    // When it was ready is not known any more to a tree that has adopted it: it counts from its start.
    const readyAt = service.isExcused ? service.startedAt : service.toldReadyAt || diedAt;
    const least = (delay === null ? readyAt : diedAt) + rest;
    if (this.#now < least - TICK) this.#broken(`${name} was started ${least - this.#now} ms too early`);
    if (limit === null) return;
    const counted = service.deaths.filter((at) => at > toldDeathAt - limit.window);
    if (counted.length > limit.count) this.#broken(`${name} was started again after ${counted.length} deaths`);
  }

  #checkGivingUp(service: WatchedService): void {
    const { name, settings, ends } = service;
    const { limit, policy, mayResign, retries } = settings;
    if (mayResign || policy !== 'always') return;
    if (retries !== null && service.unready > retries) return;
    if (limit === null) this.#broken(`${name} was given up, and has no limit`);
    // What happened while there was no tree happened for it when it came.
    const counted = ends.filter((at) => at > this.#now - limit.window - LONGEST_ABSENCE).length;
    if (counted <= limit.count) this.#broken(`${name} was given up after ${counted} deaths, of ${limit.count} allowed`);
  }

  /** What `finish` is told is how its service ended; 255 stands for what nobody could know. */
  #checkWords({ argv }: SimulatedProcess, { name, run }: WatchedService): void {
    if (run === undefined) return;
    const [code, signal] = [Number(argv[1]), Number(argv[2])];
    if (code === 255 && signal === 0) return;
    const ended = run.waitStatus & 0x7f;
    const isSame = ended === 0 ? signal === 0 && code === run.waitStatus >> 8 : signal === ended && code === 256;
    if (!isSame) this.#broken(`finish of ${name} was told ${code} ${signal}, and it ended with ${run.waitStatus}`);
  }

  get #now(): number {
    return this.#clock.monotonic();
  }

  /** Thrown too, but what is thrown in the tree may be caught there. */
  #broken(what: string): never {
    this.broken ??= new RuleBroken(`at ${this.#now}: ${what}`);
    throw this.broken;
  }
}

/** Whether something is so for longer than it may be, in milliseconds. */
type IsLate = (since: number, allowed?: number) => boolean;

function isStopping({ orderedDownAt }: WatchedService): boolean {
  return Number.isFinite(orderedDownAt);
}
