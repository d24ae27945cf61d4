/** The process of `run`: how it is started, adopted, becomes ready, is asked to stop, and killed if it does not. */

import { constants } from 'node:os';
import { InvariantBroken } from '@muster/core/invariant';
import { SystemError } from '@muster/posix/libc';
import { SETTING } from '@muster/store/live/service-files';
import { type Found, ticksNow } from '../adoption.ts';
import { TryLater, type WhenEnded } from '../processes.ts';
import type { ServiceFiles } from './files.ts';
import { lockDescriptor } from './lock.ts';
import { Readiness } from './readiness.ts';
import { ResettableTimer } from './resettable-timer.ts';
import type { PassedDescriptors, StandardStreams } from './streams.ts';
import type { Dying, SupervisedService } from './supervised-service.ts';

const { signals: SIGNAL } = constants;

/** Milliseconds. */
const KILL_AGAIN = 5000;

const WRONG_SETTING = 100;
const SYSTEM_CALL = 111;
const NOT_EXECUTABLE = 126;
const NOT_FOUND = 127;

/** Told of as if a process had exited so: what a shell says of what it cannot execute, and s6's programs of the rest. */
export interface NotStarted {
  readonly exitCode: number;
}

export interface RunEvents {
  readonly ready: () => void;
  readonly died: WhenEnded;
}

export class Run {
  readonly #readiness: Readiness;
  readonly #alarm: ResettableTimer;
  #pid = 0;
  #startTime = 0;
  /** Asked to stop: once, however often that is ordered. */
  #dying: Dying | null = null;

  constructor(
    readonly service: SupervisedService,
    readonly streams: StandardStreams,
    readonly events: RunEvents,
  ) {
    this.#readiness = new Readiness(service, events.ready);
    this.#alarm = new ResettableTimer(service.host.reactor);
  }

  /** Of the process that runs, or ran last. Clock ticks after boot; 0 if it cannot be known. */
  get startTime(): number {
    return this.#startTime;
  }

  /** Returns the pid, or why there is none; `later`: there are no processes to be had now. */
  start(files: ServiceFiles): number | NotStarted | 'later' {
    const { service } = this;
    const passed: PassedDescriptors[] = [];
    try {
      const lock = lockDescriptor(service, files);
      if (lock === 'invalid') return { exitCode: WRONG_SETTING };
      passed.push(lock);
      const notification = this.#readiness.prepare(files);
      if (notification === 'invalid') return { exitCode: WRONG_SETTING };
      passed.push(notification, this.streams.open());
      const descriptors = passed.flatMap((each) => each.descriptors);
      service.write('starting-run', { pid: 0, startTime: ticksNow(service.host.system.clock) });
      const started = service.host.processes.start(
        {
          ...lock.program,
          directory: service.directory,
          descriptors,
          newPidNamespace: files.has(SETTING.newPidNamespace),
        },
        this.events.died,
      );
      this.#pid = started.pid;
      this.#startTime = started.startTime;
    } catch (error) {
      if (error instanceof InvariantBroken) throw error;
      service.write('idle');
      this.#readiness.stop();
      if (error instanceof TryLater) return 'later';
      service.warn(`unable to start run: ${error}`);
      return { exitCode: exitCodeFor(error) };
    } finally {
      for (const each of passed) each.close();
    }
    // If it cannot be known when it began, the children file still says that a start is under way: it will be looked for.
    if (this.#startTime > 0) this.#write();
    return this.#pid;
  }

  /** After the start has been told. */
  expectReadiness(): void {
    this.#readiness.begin();
  }

  /** `dying`: it was asked to stop. Returns false if the process does not run any more; `died` is not called then. */
  adopt({ pid, startTime }: Found, dying: Dying | null): boolean {
    this.#pid = pid;
    this.#startTime = startTime;
    this.#dying = dying;
    if (!this.service.host.processes.adopt(pid, startTime, this.events.died)) return false;
    this.#write();
    if (dying !== null && dying.killAt > 0) this.#killAt(dying.killAt);
    return true;
  }

  /** For one that was adopted before it was ready. */
  expectReadinessStill(files: ServiceFiles): void {
    this.#readiness.resume(files, this.#now() - this.service.changedAt);
  }

  /**
   * Asks it to stop: what it does not do within `timeout-kill` is done to it. Many programs take a second request for "at
   * once", so there is one of them, and the time is counted from there.
   */
  stop(files: ServiceFiles): void {
    this.askToEnd(files);
    const timeout = files.number(SETTING.timeoutKill) ?? 0;
    if (this.#dying?.killAt === 0 && timeout > 0) this.#killAt(this.#now() + timeout);
  }

  /** Unless it was asked before. */
  askToEnd(files: ServiceFiles): void {
    if (this.#dying !== null) return;
    // Written first: a later life must know, should the tree be killed in between, that the death is no failure.
    this.service.restarts.ask();
    this.#write();
    const isForGroup = files.has(SETTING.stopGroup);
    for (const signal of [files.signal(SETTING.downSignal, SIGNAL.SIGTERM), SIGNAL.SIGCONT]) {
      if (isForGroup) this.signalGroup(signal);
      else this.signal(signal);
    }
    this.#dying = { killAt: 0 };
    this.#write();
  }

  signal(signal: number): void {
    this.service.host.processes.signal(this.#pid, signal);
  }

  signalGroup(signal: number): void {
    this.service.host.processes.signalGroup(this.#pid, signal);
  }

  /** It has died: what it wrote before is there by now. */
  end(): void {
    this.#readiness.finalLook();
    this.#readiness.stop();
    this.#alarm.cancel();
    this.#dying = null;
  }

  abandon(): void {
    this.#alarm.cancel();
    this.#readiness.stop();
  }

  #killAt(killAt: number): void {
    this.#dying = { killAt };
    this.#write();
    this.#alarm.set(killAt - this.#now(), () => this.#killForGood());
  }

  /** Milliseconds since boot. */
  #now(): number {
    return this.service.host.system.clock.bootTime();
  }

  #killForGood(): void {
    const files = this.service.files();
    const isForGroup = files.has(SETTING.killProcessGroup) || files.has(SETTING.stopGroup);
    for (const signal of [SIGNAL.SIGKILL, SIGNAL.SIGCONT]) {
      if (isForGroup) this.signalGroup(signal);
      else this.signal(signal);
    }
    this.#alarm.set(KILL_AGAIN, () => this.#killForGood());
  }

  #write(): void {
    this.service.write('run', { pid: this.#pid, startTime: this.#startTime, dying: this.#dying });
  }
}

function exitCodeFor(error: unknown): number {
  switch (error instanceof SystemError ? error.code : '') {
    case 'ENOENT':
      return NOT_FOUND;
    case 'EACCES':
    case 'ENOEXEC':
    case 'ENOTDIR':
    case 'ELOOP':
    case 'ETXTBSY':
      return NOT_EXECUTABLE;
    default:
      return SYSTEM_CALL;
  }
}
