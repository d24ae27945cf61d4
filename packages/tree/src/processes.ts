/**
 * The processes that the tree answers for: children, which it reaps, and adopted ones, which an earlier life of the tree
 * started, and whose end is seen through a pidfd. Whoever starts or adopts one is called when it ends.
 */
import { SystemError } from '@muster/posix/libc';
import type { ProcessFacts, ProcessIdentity } from '@muster/posix/process';
import type { Child } from '@muster/posix/spawn';
import type { Loop, ProcessTable, System } from './system/system.ts';

/** `waitStatus` as wait(2) gives it, null if it cannot be known. */
export type WhenEnded = (waitStatus: number | null) => void;

/** The kernel has no process to give now (RLIMIT_NPROC, pids.max, memory): that is nobody's failure, and may be otherwise later. */
export class TryLater extends SystemError {}

/** Milliseconds until a start that the kernel had no process for is tried again. */
export const LATER = 250;
const LACK: ReadonlySet<string> = new Set(['EAGAIN', 'ENOMEM']);

/** Descriptors that pidfds leave alone. */
const SPARE_DESCRIPTORS = 256;
/** The part of all that services leave alone: what runs must be restarted, waited for, looked at. */
const SPARE_PART = 8;
/** Milliseconds. */
const LOOK_AFTER = 250;
/** Ended children in one turn, so that those who make many take no more than their share. */
const REAPED_AT_ONCE = 256;

interface Adopted extends ProcessIdentity {
  /** Null if there was none to be had. */
  readonly pidfd: number | null;
  /** It has ended. */
  readonly end: () => void;
}

export class Processes {
  readonly #table: ProcessTable;
  readonly #children = new Map<number, WhenEnded>();
  readonly #adopted = new Map<number, Adopted>();
  #isLacking = false;

  constructor(
    readonly reactor: Loop,
    readonly system: System,
    /** Told when there are no processes to be had, and when there are again. */
    readonly warn: (message: string) => void,
  ) {
    this.#table = system.processes;
    reactor.everyTurn(() => this.reapAll());
  }

  /** Descriptors that a child can have: its limit. */
  get openFiles(): number {
    return this.#table.openFiles;
  }

  /** What this life has started, and has not reaped. */
  childPids(): Iterable<number> {
    return this.#children.keys();
  }

  /** Whether one more service can be supervised whose first descriptor, the lowest that was free, is this one. */
  hasRoomFor(descriptor: number): boolean {
    const limit = this.#table.descriptorLimit();
    return descriptor < limit - Math.min(SPARE_DESCRIPTORS, limit / SPARE_PART);
  }

  /** Its start time is 0 if that cannot be known. Throws `TryLater`, SystemError. */
  start(child: Child, ended: WhenEnded): ProcessIdentity {
    const started = this.#spawn(child);
    this.take(started.pid, ended);
    return started;
  }

  /** A child that this process has started otherwise since the last turn of the loop, so that it cannot have been reaped. */
  take(pid: number, ended: WhenEnded): void {
    this.#children.set(pid, ended);
    // Who had the pid before has ended, which was not seen yet: what is meant for it would reach this child.
    this.#adopted.get(pid)?.end();
  }

  /** Now, or as soon as there are processes to be had; `failed` is told why it cannot be started at all. */
  startWhenPossible(child: Child, ended: WhenEnded, failed: (error: unknown) => void): void {
    try {
      this.start(child, ended);
    } catch (error) {
      if (!(error instanceof TryLater)) failed(error);
      else this.reactor.after(LATER, () => this.startWhenPossible(child, ended, failed));
    }
  }

  #spawn(child: Child): ProcessIdentity {
    let started: ProcessIdentity;
    try {
      started = this.#table.spawn(child);
    } catch (error) {
      if (!(error instanceof SystemError) || !LACK.has(error.code)) throw error;
      if (!this.#isLacking) this.warn(`no process can be made (${error.code}): what is to start is tried again`);
      this.#isLacking = true;
      throw new TryLater(error.call, error.errno, error.path);
    }
    if (this.#isLacking) this.warn('processes can be made again');
    this.#isLacking = false;
    return started;
  }

  /** False if that process does not run any more; `ended` is not called then. */
  adopt(pid: number, startTime: number, ended: WhenEnded): boolean {
    const pidfd = this.#openPidfd(pid);
    if (pidfd === 'none left') return this.#adoptUnheld(pid, startTime, ended);
    if (pidfd === null) return false;
    // Asked again now that the pidfd holds the process: until then the pid could have passed on to another one.
    let isStillThere = false;
    try {
      isStillThere = isRunning(this.#table.processFacts(pid), startTime);
    } finally {
      if (!isStillThere) this.system.files.close(pidfd);
    }
    if (!isStillThere) return false;
    let isOver = false;
    const end = () => {
      if (isOver) return;
      isOver = true;
      const waitStatus = this.#table.exitOfPidfd(pidfd, pid);
      this.#adopted.delete(pid);
      this.reactor.unwatch(pidfd);
      this.system.files.close(pidfd);
      ended(waitStatus);
    };
    this.#adopted.set(pid, { pid, startTime, pidfd, end });
    this.reactor.watch(pidfd, () => {
      if (this.#mayRun(pid, startTime) !== true) end();
    });
    return true;
  }

  /** To a child or an adopted process, whoever has its pid by now. Whether it got it: nobody else does. */
  signal(pid: number, signal: number): boolean {
    if (this.#children.has(pid)) return this.#table.sendSignal(pid, signal);
    const adopted = this.#adopted.get(pid);
    if (adopted === undefined) return false;
    return adopted.pidfd === null
      ? this.#table.signalProcess(adopted, signal)
      : this.#table.signalPidfd(adopted.pidfd, signal);
  }

  /** Likewise, to the group that it leads. */
  signalGroup(pid: number, signal: number): boolean {
    if (this.#children.has(pid)) return this.#table.sendGroupSignal(pid, signal);
    const adopted = this.#adopted.get(pid);
    if (adopted === undefined) return false;
    return adopted.pidfd === null
      ? this.#table.signalGroupOf(adopted, signal)
      : this.#table.signalGroupOfPidfd(adopted.pidfd, pid, signal);
  }

  /** A descriptor is kept free for everything else that the tree must be able to do. */
  #openPidfd(pid: number): number | null | 'none left' {
    let pidfd: number | null;
    try {
      pidfd = this.#table.openPidfd(pid);
    } catch (error) {
      if (error instanceof SystemError) return 'none left';
      throw error;
    }
    if (pidfd === null || pidfd < this.#table.descriptorLimit() - SPARE_DESCRIPTORS) return pidfd;
    this.system.files.close(pidfd);
    return 'none left';
  }

  /** Without a pidfd (no descriptor left, Linux before 5.3): asks now and then. */
  #adoptUnheld(pid: number, startTime: number, ended: WhenEnded): boolean {
    if (this.#mayRun(pid, startTime) === false) return false;
    let isOver = false;
    const end = () => {
      isOver = true;
      this.#adopted.delete(pid);
      ended(this.#statusOfZombie(pid, startTime));
    };
    this.#adopted.set(pid, { pid, startTime, pidfd: null, end });
    const look = () => {
      if (isOver) return;
      if (this.#mayRun(pid, startTime) === false) end();
      else this.reactor.after(LOOK_AFTER, look);
    };
    this.reactor.after(LOOK_AFTER, look);
    return true;
  }

  /**
   * Every child that has ended, orphans that process 1 inherits included; what is more than one turn's share, in the next.
   */
  reapAll(): void {
    for (let count = 0; count < REAPED_AT_ONCE; count++) {
      const reaped = this.#table.reap();
      if (reaped === null) return;
      const ended = this.#children.get(reaped.pid);
      this.#children.delete(reaped.pid);
      ended?.(reaped.waitStatus);
    }
    this.reactor.after(0, () => this.reapAll());
  }

  /** `unknown` where /proc cannot be read, for want of a descriptor. */
  #mayRun(pid: number, startTime: number): boolean | 'unknown' {
    try {
      return isRunning(this.#table.processFacts(pid), startTime);
    } catch {
      return 'unknown';
    }
  }

  #statusOfZombie(pid: number, startTime: number): number | null {
    try {
      const facts = this.#table.processFacts(pid);
      return facts?.zombie && facts.startTime === startTime ? facts.exitStatus : null;
    } catch {
      return null;
    }
  }
}

function isRunning(facts: ProcessFacts | null, startTime: number): boolean {
  return facts !== null && !facts.zombie && facts.startTime === startTime;
}
