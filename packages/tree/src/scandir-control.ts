/** `.s6-svscan/` in a scandir: its lock, the FIFO that s6-svscanctl writes to, and what signals do to the tree. */
import { accessSync, closeSync, constants, openSync, readSync } from 'node:fs';
import { constants as os } from 'node:os';
import { join } from 'node:path';
import { ENGINE_OPTIONS } from '@muster/posix/environment';
import { ensureFifo } from '@muster/posix/fifo';
import { Held, lockWholeFile, type RangeLocks } from '@muster/posix/lock';
import { onPowerFailure } from '@muster/posix/power-signal';
import type { Reactor } from '@muster/posix/reactor';
import { ignoredSignals } from '@muster/posix/signals';
import type { ScanLetter } from '@muster/protocol/s6/control';
import type { Loggers } from './entries.ts';
import type { Processes } from './processes.ts';
import { makeDirectory, Occupied } from './system/control-pipe.ts';

export interface ScandirOrders {
  readonly reactor: Reactor;
  readonly processes: Processes;
  scan(): void;
  reap(): void;
  /** Stops services that the last scan did not see. */
  prune(loggers: Loggers): void;
  /** Stops everything, then leaves. */
  stop(loggers: Loggers): void;
  /** Leaves at once, and leaves the services alone. */
  abort(): void;
  warn(message: string): void;
  /** A command that brings everything down in order and then the tree, to run on SIGTERM, SIGINT and SIGPWR. */
  readonly shutdown: readonly [string, ...string[]] | undefined;
  readonly listensToSignals: boolean;
}

/** Signals that `.s6-svscan/SIGNAL` may handle, and what happens otherwise. */
const BUILT_IN: Partial<Record<NodeJS.Signals, ScanLetter>> = {
  SIGHUP: 'h',
  SIGINT: 't',
  SIGTERM: 't',
  SIGQUIT: 'q',
  SIGPWR: 't',
};
const ORDERLY: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT', 'SIGPWR'];
const SCRIPTED: readonly NodeJS.Signals[] = [
  'SIGHUP',
  'SIGINT',
  'SIGTERM',
  'SIGQUIT',
  'SIGUSR1',
  'SIGUSR2',
  'SIGWINCH',
];
const commands = Buffer.alloc(64);

export class ScandirControl {
  readonly #directory: string;
  readonly #control: number;
  readonly #lock: RangeLocks;
  #isShuttingDown = false;
  /** The last command that means nothing. */
  #unknown = '';

  /** Throws `Occupied` if another tree runs on `scandir`. */
  constructor(
    readonly scandir: string,
    readonly orders: ScandirOrders,
  ) {
    this.#directory = join(scandir, '.s6-svscan');
    const umask = process.umask(0);
    try {
      makeDirectory(this.#directory, 0o700);
      const lock = lockWholeFile(join(this.#directory, 'lock'));
      if (lock instanceof Held) throw new Occupied(scandir, lock);
      this.#lock = lock;
      ensureFifo(join(this.#directory, 'control'), 0o600);
      this.#control = openSync(join(this.#directory, 'control'), constants.O_RDWR | constants.O_NONBLOCK);
    } finally {
      process.umask(umask);
    }
    orders.reactor.watch(this.#control, () => this.#read());
    if (orders.listensToSignals) this.#listenToSignals();
  }

  close(): void {
    this.orders.reactor.unwatch(this.#control);
    closeSync(this.#control);
    this.#lock.close();
  }

  #read(): void {
    let length: number;
    try {
      length = readSync(this.#control, commands, 0, commands.length, null);
    } catch {
      return;
    }
    for (const letter of commands.toString('latin1', 0, length)) this.#obey(letter);
  }

  #obey(letter: string): void {
    const { orders } = this;
    switch (letter as ScanLetter) {
      case 'z':
        orders.reap();
        return;
      case 'a':
        orders.scan();
        return;
      case 'b':
        orders.abort();
        return;
      case 'h':
        orders.scan();
        orders.prune('end by themselves');
        return;
      case 'i':
      case 't':
        orders.stop('end by themselves');
        return;
      case 'q':
        orders.stop('are stopped');
        return;
      case 'n':
        orders.prune('end by themselves');
        return;
      case 'N':
        orders.prune('are stopped');
        return;
      default:
        // Who writes the same without end shall not fill the log.
        if (letter !== this.#unknown) orders.warn(`unknown command in .s6-svscan/control: ${JSON.stringify(letter)}`);
        this.#unknown = letter;
    }
  }

  /** A signal that the tree was started to ignore stays ignored, for its services too. */
  #listenToSignals(): void {
    const ignored = ignoredSignals();
    if (process.pid === 1) onPowerFailure(this.orders.reactor, () => this.#signalled('SIGPWR'));
    process.on('SIGALRM', () => this.orders.scan());
    process.on('SIGABRT', () => this.orders.abort());
    for (const signal of SCRIPTED) {
      if (signal === 'SIGTERM' || !ignored.has(os.signals[signal])) process.on(signal, () => this.#signalled(signal));
    }
  }

  /** In order, where there is a command for that; else everything at once. */
  shutDown(): void {
    if (!this.#shutDown()) this.#obey('t');
  }

  #signalled(signal: NodeJS.Signals): void {
    if (this.#runScript(signal)) return;
    if (ORDERLY.includes(signal) && this.#shutDown()) return;
    const letter = BUILT_IN[signal];
    if (letter !== undefined) this.#obey(letter);
  }

  /** Whether it was begun; asked again while it is under way, the tree stops at once. */
  #shutDown(): boolean {
    const { orders } = this;
    if (orders.shutdown === undefined || this.#isShuttingDown) return false;
    const [path] = orders.shutdown;
    const child = { path, argv: orders.shutdown, directory: '/', descriptors: [], environment: ENGINE_OPTIONS };
    this.#isShuttingDown = true;
    const stop = () => orders.stop('end by themselves');
    orders.processes.startWhenPossible(child, stop, (error) => {
      orders.warn(`unable to run ${child.argv.join(' ')}: ${error}`);
      stop();
    });
    return true;
  }

  #runScript(signal: NodeJS.Signals): boolean {
    const script = join(this.#directory, signal);
    try {
      accessSync(script, constants.X_OK);
    } catch {
      return false;
    }
    const child = { path: script, argv: [script], directory: this.scandir, descriptors: [] };
    let isTaken = true;
    this.orders.processes.startWhenPossible(
      child,
      () => {},
      (error) => {
        this.orders.warn(`unable to run ${script}: ${error}`);
        isTaken = false;
      },
    );
    return isTaken;
  }
}
