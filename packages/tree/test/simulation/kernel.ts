/**
 * The processes of a simulated machine. They go on whether a tree lives or not; those whose parent has died are process 1's,
 * which reaps them at once. A pid that has become free is the next one that is given, though never within one tick of the clock.
 */
import { constants as os } from 'node:os';
import type { Random } from '@muster/core/test/simulation/random';
import type { VirtualClock } from '@muster/core/test/simulation/virtual-clock';
import { TICKS } from '@muster/posix/boot-time';
import { SystemError } from '@muster/posix/libc';
import type { Daemon } from './daemon.ts';
import { Disk, type Fifo } from './disk.ts';

const { signals: SIGNAL } = os;

export type Role = 'run' | 'finish' | 'ready-check';

export interface SimulatedProcess {
  readonly pid: number;
  /** Clock ticks after boot. */
  readonly startTime: number;
  parent: number;
  /** Undefined: it is nobody's that the tree knows. */
  readonly service: string | undefined;
  readonly role: Role | 'tree' | 'stranger';
  /** `forked`: a copy of the tree, which has not come to its exec. */
  state: 'forked' | 'running' | 'zombie' | 'gone';
  readonly directory: string;
  readonly argv: readonly string[];
  waitStatus: number;
  notification: Fifo | undefined;
  /** When it wrote that it is ready; 0: it did not. Milliseconds. */
  notifiedAt: number;
  /** How often it was asked to end. */
  terms: number;
  diedAt: number;
}

/** Who is told of what happens to processes. */
export interface Witness {
  started(process: SimulatedProcess): void;
  signalled(process: SimulatedProcess, signal: number): void;
  ended(process: SimulatedProcess): void;
  /** There is no program to be run. */
  notStarted(service: string): void;
}

const FIRST_PID = 300;
/** Milliseconds for which a pid is nobody's. */
const REST = 20;

export class Kernel {
  readonly disk = new Disk();
  readonly processes = new Map<number, SimulatedProcess>();
  /** The kernel has no process to give. */
  isLacking = false;
  /** Called when a descriptor of the tree may have become readable, or a child of it has ended. */
  wake: () => void = () => {};
  readonly #freed: { readonly pid: number; readonly at: number }[] = [];
  #lastPid = FIRST_PID;

  constructor(
    readonly clock: VirtualClock,
    readonly daemons: ReadonlyMap<string, Daemon>,
    readonly witness: Witness,
    readonly random: Random,
  ) {}

  get ticks(): number {
    return Math.floor((this.clock.monotonic() * TICKS) / 1000);
  }

  /** Throws SystemError. `comesToExec`: milliseconds, while its parent has died meanwhile; 0: at once. */
  fork(about: Pick<SimulatedProcess, 'parent' | 'service' | 'role' | 'directory' | 'argv'>): SimulatedProcess {
    if (this.isLacking && about.role !== 'tree') throw new SystemError('posix_spawn', os.errno.EAGAIN);
    const born: SimulatedProcess = {
      ...about,
      pid: this.#freePid(),
      startTime: this.ticks,
      state: 'forked',
      waitStatus: 0,
      notification: undefined,
      notifiedAt: 0,
      terms: 0,
      diedAt: 0,
    };
    this.processes.set(born.pid, born);
    this.witness.started(born);
    return born;
  }

  /** It becomes its program. */
  exec(process: SimulatedProcess): void {
    if (process.state !== 'forked') return;
    process.state = 'running';
    if (process.service === undefined) return;
    const daemon = this.daemons.get(process.service)!;
    switch (process.role) {
      case 'run':
        this.#run(process, daemon);
        return;
      case 'finish':
        this.#later(process, daemon.finish(), () => this.end(process, daemon.finishStatus()));
        return;
      case 'ready-check':
        this.#later(process, 1, () => this.end(process, this.#isReadyToBeSeen(process.service!) ? 0 : 1 << 8));
    }
  }

  end(process: SimulatedProcess, waitStatus: number): void {
    if (process.state === 'zombie' || process.state === 'gone') return;
    process.state = 'zombie';
    process.waitStatus = waitStatus;
    process.diedAt = this.clock.monotonic();
    process.notification?.close('both');
    process.notification = undefined;
    this.witness.ended(process);
    if (process.parent === 1) this.#bury(process);
    else if (process.role === 'tree') this.#bury(process);
    this.wake();
  }

  /** By its parent. */
  reap(parent: number): SimulatedProcess | undefined {
    for (const process of this.processes.values()) {
      if (process.parent !== parent || process.state !== 'zombie') continue;
      this.#bury(process);
      return process;
    }
    return undefined;
  }

  /** The tree `pid` dies: what it started is process 1's. */
  orphan(pid: number): void {
    for (const process of [...this.processes.values()]) {
      if (process.parent !== pid) continue;
      process.parent = 1;
      if (process.state === 'zombie') this.#bury(process);
    }
  }

  signal(process: SimulatedProcess, signal: number): void {
    this.witness.signalled(process, signal);
    const daemon = process.service === undefined ? undefined : this.daemons.get(process.service);
    if (signal === SIGNAL.SIGKILL) this.#later(process, 0, () => this.end(process, signal));
    if (signal !== SIGNAL.SIGTERM) return;
    process.terms++;
    const delay = process.role === 'run' && daemon !== undefined ? daemon.stop() : 1;
    if (delay !== null) this.#later(process, delay, () => this.end(process, signal));
  }

  /** Of `service`, that have not ended. */
  living(service: string, roles: readonly SimulatedProcess['role'][] = ['run', 'finish']): SimulatedProcess[] {
    return [...this.processes.values()].filter(
      (process) => process.service === service && roles.includes(process.role) && isAlive(process),
    );
  }

  #run(process: SimulatedProcess, daemon: Daemon): void {
    const { ready, death, waitStatus, letsGo } = daemon.start();
    if (ready !== null) {
      this.#later(process, ready, () => {
        process.notifiedAt = this.clock.monotonic();
        if (process.notification === undefined) return;
        process.notification.write('\n', this.clock.now());
        if (letsGo) {
          process.notification.close('both');
          process.notification = undefined;
        }
        this.wake();
      });
    }
    if (death !== null) this.#later(process, death, () => this.end(process, waitStatus));
  }

  #isReadyToBeSeen(service: string): boolean {
    return this.living(service, ['run']).some(({ notifiedAt }) => notifiedAt > 0);
  }

  #later(process: SimulatedProcess, delay: number, act: () => void): void {
    this.clock.after(delay, () => {
      if (isAlive(process)) act();
    });
  }

  #bury(process: SimulatedProcess): void {
    process.state = 'gone';
    this.processes.delete(process.pid);
    this.#freed.push({ pid: process.pid, at: this.clock.monotonic() });
  }

  /** The one that was somebody's until just before. */
  #freePid(): number {
    const rested = this.clock.monotonic() - REST;
    const index = this.#freed.findLastIndex(({ at }) => at <= rested);
    if (index === -1) return ++this.#lastPid;
    return this.#freed.splice(index, 1)[0]!.pid;
  }
}

export function isAlive({ state }: SimulatedProcess): boolean {
  return state === 'forked' || state === 'running';
}
