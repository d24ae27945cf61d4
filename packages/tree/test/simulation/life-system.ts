/**
 * The machine as one life of the tree sees it: the port of the product, in front of a simulated kernel and disk. Each call is a
 * moment at which the tree may be killed, before or after it has its effect; from then on nothing that it calls does anything.
 */
import { constants as os } from 'node:os';
import { basename, dirname } from 'node:path';
import { stepAlive } from '@muster/core/test/simulation/run';
import { SystemError } from '@muster/posix/libc';
import type { Loop, System } from '@muster/tree/system/system';
import { absent, Fifo } from './disk.ts';
import { isAlive, type Kernel, type Role, type SimulatedProcess } from './kernel.ts';

/** Thrown through the tree when it is killed. */
export class TreeKilled extends Error {}

type Descriptor =
  | { readonly kind: 'control' }
  | { readonly kind: 'pidfd'; readonly process: SimulatedProcess }
  | { readonly kind: 'fifo'; readonly fifo: Fifo; readonly end: 'reading' | 'both' };

export interface LifeOptions {
  readonly descriptorLimit: number;
  /** The kernel tells how processes ended that are nobody's children (Linux 6.15). */
  readonly kernelTells: boolean;
}

const FIRST_DESCRIPTOR = 10;

export class LifeSystem {
  readonly system: System;
  readonly pid: number;
  isDead = false;
  isSleeping = false;
  /** The call at which the tree is killed, counted from now. */
  callsLeft = Number.POSITIVE_INFINITY;
  /** It is killed between the fork and the exec of the next process that it starts, which takes so many milliseconds then. */
  diesInFork: number | undefined;
  readonly #kernel: Kernel;
  readonly #descriptors = new Map<number, Descriptor>();
  readonly #watched = new Map<number, (events: number) => void>();
  readonly #everyTurn: (() => void)[] = [];
  #isTurnDue = false;
  readonly #broke: (error: unknown) => void;
  readonly #died: () => void;

  constructor(kernel: Kernel, options: LifeOptions, broke: (error: unknown) => void, died: () => void) {
    this.#kernel = kernel;
    this.#broke = broke;
    this.#died = died;
    const tree = kernel.fork({ parent: 1, service: undefined, role: 'tree', directory: '/', argv: ['rc-svscan'] });
    kernel.exec(tree);
    this.pid = tree.pid;
    this.system = this.#guarded(this.#systemOf(options));
    kernel.wake = () => this.wake();
  }

  readonly loop: Loop = {
    after: (delay, ring) => {
      this.#alive();
      // It may be cancelled between the time that it is due and the end of a sleep.
      let isCancelled = false;
      const ringUnlessCancelled = () => {
        if (!isCancelled) ring();
      };
      const alarm = this.#kernel.clock.after(delay, () => this.#whenAwake(ringUnlessCancelled));
      return {
        cancel: () => {
          isCancelled = true;
          alarm.cancel();
        },
      };
    },
    everyTurn: (turn) => {
      this.#everyTurn.push(turn);
    },
    watch: (descriptor, ready) => {
      this.#alive();
      this.#watched.set(descriptor, ready);
      this.wake();
    },
    unwatch: (descriptor) => {
      this.#alive();
      this.#watched.delete(descriptor);
    },
  };

  kill(): void {
    if (this.isDead) return;
    this.isDead = true;
    this.#kernel.wake = () => {};
    for (const descriptor of this.#descriptors.values()) letGo(descriptor);
    this.#kernel.end(this.#kernel.processes.get(this.pid)!, os.signals.SIGKILL);
    this.#kernel.orphan(this.pid);
    this.#died();
  }

  /** Runs what the loop would call. Its death ends the tree, and nobody else. */
  call(work: () => void): void {
    if (this.isDead) return;
    try {
      work();
    } catch (error) {
      if (!this.isDead) this.#broke(error);
    }
  }

  wake(): void {
    if (this.#isTurnDue || this.isDead) return;
    this.#isTurnDue = true;
    this.#kernel.clock.after(0, () => {
      this.#isTurnDue = false;
      // What was waited for was there before the turn; of what has come since, children that ended are seen first.
      if (this.#kernel.random.chance(0.3)) this.#whenAwake(() => {});
      this.#whenAwake(() => {
        for (const [descriptor, ready] of [...this.#watched]) {
          if (this.#watched.get(descriptor) === ready && this.#isReadable(descriptor)) this.call(() => ready(1));
        }
      });
    });
  }

  #whenAwake(work: () => void): void {
    if (this.isDead) return;
    if (this.isSleeping) {
      this.#kernel.clock.after(1, () => this.#whenAwake(work));
      return;
    }
    this.call(work);
    for (const turn of this.#everyTurn) this.call(turn);
    if ([...this.#watched.keys()].some((descriptor) => this.#isReadable(descriptor))) this.wake();
  }

  #isReadable(number: number): boolean {
    const descriptor = this.#descriptors.get(number);
    switch (descriptor?.kind) {
      case 'pidfd':
        return !isAlive(descriptor.process);
      case 'fifo':
        return descriptor.fifo.content !== '' || !descriptor.fifo.hasWriters;
      default:
        return false;
    }
  }

  #alive(): void {
    if (this.isDead) throw new TreeKilled();
  }

  #strike(): void {
    this.kill();
    throw new TreeKilled();
  }

  /** Every function of the port, in both parts that have any effect. */
  #guarded(system: System): System {
    const guard = <Part extends object>(part: Part): Part =>
      Object.fromEntries(
        Object.entries(part).map(([name, value]) => [
          name,
          typeof value !== 'function'
            ? value
            : (...words: unknown[]) => {
                this.#alive();
                if (--this.callsLeft <= 0) this.#strike();
                return value(...words);
              },
        ]),
      ) as Part;
    return { clock: system.clock, processes: guard(system.processes), files: guard(system.files) };
  }

  #systemOf({ descriptorLimit, kernelTells }: LifeOptions): System {
    const kernel = this.#kernel;
    const { clock, disk, processes } = kernel;
    const send = (process: SimulatedProcess | undefined, signal: number): boolean => {
      if (process === undefined || process.state === 'gone') return false;
      kernel.signal(process, signal);
      return true;
    };
    const held = (pidfd: number): SimulatedProcess | undefined => {
      const descriptor = this.#descriptors.get(pidfd);
      return descriptor?.kind === 'pidfd' ? descriptor.process : undefined;
    };
    const fifoOf = (number: number): Fifo => {
      const descriptor = this.#descriptors.get(number);
      if (descriptor?.kind !== 'fifo') throw new Error(`descriptor ${number} is no FIFO`);
      return descriptor.fifo;
    };
    const openFifo = (path: string, end: 'reading' | 'both'): number => {
      const fifo = disk.fifos.get(path);
      if (fifo === undefined) throw absent(path);
      fifo.open(end);
      return this.#open({ kind: 'fifo', fifo, end });
    };
    const same = ({ pid, startTime }: { readonly pid: number; readonly startTime: number }) => {
      const process = processes.get(pid);
      return process?.startTime === startTime ? process : undefined;
    };
    return {
      clock: {
        bootTime: () => clock.monotonic(),
        wallTime: () => clock.now(),
        sleep: (duration) => this.#sleep(duration),
      },
      processes: {
        ownPid: this.pid,
        openFiles: 1024,
        descriptorLimit: () => descriptorLimit,
        programIn: (_, name, words) => ({ path: `./${name}`, argv: [name, ...words] }),
        spawn: (child) => this.#spawn(child),
        reap: () => {
          const process = kernel.reap(this.pid);
          return process === undefined ? null : { pid: process.pid, waitStatus: process.waitStatus };
        },
        processFacts: (pid) => factsOf(pid, processes, kernelTells),
        everyPid: () => [1, ...processes.keys()],
        workingDirectory: (pid) => processes.get(pid)?.directory ?? null,
        commandLine: (pid) => [...(processes.get(pid)?.argv ?? [])],
        hasOpen: (pid) => pid === this.pid || processes.get(pid)?.state === 'forked',
        isOwnProcess: (pid) => processes.get(pid)?.role !== 'stranger',
        remainsOf: () => [],
        openPidfd: (pid) => {
          const process = processes.get(pid);
          return process === undefined ? null : this.#open({ kind: 'pidfd', process });
        },
        exitOfPidfd: (pidfd) => {
          const process = held(pidfd);
          return kernelTells && process !== undefined && !isAlive(process) ? process.waitStatus : null;
        },
        sendSignal: (pid, signal) => send(processes.get(pid), signal),
        sendGroupSignal: (group, signal) => send(processes.get(group), signal),
        signalProcess: (identity, signal) => send(same(identity), signal),
        signalGroupOf: (identity, signal) => send(same(identity), signal),
        signalPidfd: (pidfd, signal) => send(held(pidfd), signal),
        signalGroupOfPidfd: (pidfd, _, signal) => send(held(pidfd), signal),
      },
      files: {
        namesIn: (directory) => [...(disk.directories.get(directory)?.keys() ?? [])],
        inodeOf: (directory) => inodeOf(directory, disk.directories),
        realPath: (path) => path,
        exists: (path) => disk.directories.get(dirname(path))?.has(basename(path)) ?? false,
        modifiedAt: () => undefined,
        readBeginning: (path) => disk.authors(path),
        read: (path) => disk.read(path),
        replace: (path, bytes) => {
          disk.files.set(path, bytes);
        },
        make: (path) => {
          if (!disk.files.has(path)) disk.files.set(path, new Uint8Array());
        },
        makeEmpty: (path) => {
          disk.files.set(path, new Uint8Array());
        },
        remove: (path) => {
          disk.files.delete(path);
        },
        touch: () => {},
        unlink: () => {},
        openSlots: (path) => ({
          bytes: disk.files.has(path) ? disk.read(path) : Buffer.alloc(0),
          write: (bytes, from, length, at) => {
            this.#alive();
            if (--this.callsLeft <= 0) this.#strike();
            disk.write(path, bytes.subarray(from, from + length), at);
          },
          close: () => {},
        }),
        takeControl: (directory) => {
          const isNew = !disk.files.has(`${directory}/supervise/status`);
          const descriptor = this.#open({ kind: 'control' });
          return { descriptor, isNew, isUnheard: isNew, read: () => '', close: () => this.#close(descriptor) };
        },
        notifyFifodir: () => 0,
        makeFifo: (path) => {
          const fifo = new Fifo();
          fifo.time = clock.now();
          disk.fifos.set(path, fifo);
        },
        openFifo: (path) => openFifo(path, 'reading'),
        openFifoBothWays: (path) => openFifo(path, 'both'),
        readFifo: (descriptor) => {
          const fifo = fifoOf(descriptor);
          const { content } = fifo;
          fifo.content = '';
          return content === '' && fifo.hasWriters ? null : Buffer.from(content);
        },
        fifoTime: (descriptor) => fifoOf(descriptor).time,
        setFifoTime: (descriptor, time) => {
          fifoOf(descriptor).time = time;
        },
        stampsFifos: () => true,
        close: (descriptor) => this.#close(descriptor),
      },
    };
  }

  #spawn(child: Parameters<System['processes']['spawn']>[0]): ReturnType<System['processes']['spawn']> {
    const kernel = this.#kernel;
    const { directory, argv } = child;
    const program = child.path.slice(2);
    const service = directory.slice(directory.lastIndexOf('/') + 1);
    if (!kernel.disk.directories.get(directory)?.has(program)) {
      kernel.witness.notStarted(service);
      throw new SystemError('posix_spawn', os.errno.ENOENT);
    }
    const words = argv.map(String);
    const process = kernel.fork({ parent: this.pid, service, role: program as Role, directory, argv: words });
    for (const [own] of child.descriptors) {
      const descriptor = this.#descriptors.get(own);
      if (descriptor?.kind !== 'fifo') continue;
      process.notification = descriptor.fifo;
      descriptor.fifo.open('both');
    }
    if (this.diesInFork !== undefined) {
      kernel.clock.after(this.diesInFork, () => kernel.exec(process));
      this.#strike();
    }
    kernel.exec(process);
    return { pid: process.pid, startTime: process.startTime };
  }

  #sleep(duration: number): void {
    this.#alive();
    let isOver = false;
    this.#kernel.clock.after(duration, () => {
      isOver = true;
    });
    this.isSleeping = true;
    while (!isOver) stepAlive(this.#kernel.clock);
    this.isSleeping = false;
    this.#alive();
  }

  #open(descriptor: Descriptor): number {
    let number = FIRST_DESCRIPTOR;
    while (this.#descriptors.has(number)) number++;
    this.#descriptors.set(number, descriptor);
    return number;
  }

  #close(number: number): void {
    const descriptor = this.#descriptors.get(number);
    if (descriptor === undefined) throw new Error(`descriptor ${number} is not open`);
    this.#descriptors.delete(number);
    letGo(descriptor);
  }
}

function letGo(descriptor: Descriptor): void {
  if (descriptor.kind === 'fifo') descriptor.fifo.close(descriptor.end);
}

function factsOf(pid: number, processes: ReadonlyMap<number, SimulatedProcess>, tells: boolean) {
  const facts = { flags: 0, stopped: false, group: pid, session: pid, terminal: 0 };
  if (pid === 1) return { ...facts, parent: 0, startTime: 0, zombie: false, exitStatus: 0 };
  const process = processes.get(pid);
  if (process === undefined) return null;
  const { parent, startTime, waitStatus } = process;
  const zombie = process.state === 'zombie';
  return { ...facts, parent, startTime, zombie, exitStatus: zombie && tells ? waitStatus : 0 };
}

function inodeOf(directory: string, directories: ReadonlyMap<string, unknown>): number {
  return [...directories.keys()].indexOf(directory) + 1000;
}
