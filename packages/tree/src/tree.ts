/**
 * The embedded supervision tree: one process that supervises every service of a scandir, and is on disk what s6-svscan
 * and an s6-supervise for each service would be.
 *
 *     scandir/.s6-svscan/   control, lock, finish, SIGTERM…: s6-svscan's own (scandir-control.ts)
 *     scandir/.rc-svscan/   control, event/: all services through one FIFO (channel.ts)
 *                           children: what a later life of the tree adopts (children-file.ts)
 *                           pipes/NAME: from a service to its log/
 *     scandir/NAME/         a service directory (entries.ts; service/service.ts for each)
 *
 * Everything happens in one thread, in callbacks of one epoll loop (posix/reactor.ts). If the process is killed, its services
 * live on; the next one to run on the scandir adopts them.
 */
import { constants, existsSync, mkdirSync, openSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { least, originalOpenFilesLimit } from '@muster/posix/limits';
import { Reactor } from '@muster/posix/reactor';
import { Spawner } from '@muster/posix/spawn';
import type { EventLetter } from '@muster/protocol/s6/control';
import type { Status } from '@muster/protocol/s6/status';
import { Channel } from './channel.ts';
import { ChildrenFile } from './children-file.ts';
import { Entries, type Loggers } from './entries.ts';
import { HeldPipes } from './held-pipes.ts';
import { LogPipes } from './log-pipes.ts';
import { Processes } from './processes.ts';
import { type FoundService, inodesIn, scanServices } from './scan.ts';
import { ScandirControl, type ScandirOrders } from './scandir-control.ts';
import type { ServiceEnd, ServiceHost, ServiceOutput } from './service/host.ts';
import { linuxSystem } from './system/linux.ts';
import type { System } from './system/system.ts';
import { Tidying } from './tidying.ts';

/** What a companion has of the tree that it lives in. */
export interface CompanionHost {
  readonly reactor: Reactor;
  readonly processes: Processes;
  readonly output: ServiceOutput | undefined;
  warn(message: string): void;
  /** Letters of `supervise/control` to the service of that name, if there is one. */
  order(letters: string, name: string): void;
  /** What is known of the service of that name. */
  statusOf(name: string): Status | undefined;
  /** Of services that have a process. */
  runningServices(): string[];
  /** To be called when a oneshot is not as it was. */
  changed(): void;
  /** Stops everything, then leaves. */
  stop(loggers: Loggers): void;
  /** Leaves at once, and leaves the services alone. */
  abort(): void;
}

/** Something else that lives in the tree's process, as the runner of oneshots does. */
export interface Companion {
  /** Called once, before any service is started. Its children are to be started through `processes`. */
  begin(host: CompanionHost): void;
  /** A service is not as it was, or a oneshot. */
  changed?(): void;
  /** A process of the service has ended; whether it is started again is settled after this, and `order` may settle it. */
  ended?(service: string, end: ServiceEnd): void;
  /** The tree is told to stop: calls `done` when it may. */
  end(done: () => void): void;
  /** Everything is to end, in order, and what was booted here with `status`. Of several that can do so, the first does. */
  endEverything?(status: number): void;
}

export interface TreeOptions {
  /** A directory of FIFOs that are held open, so that what is in them outlives their writers and readers. */
  readonly pipes?: string;
  /** What services get, in the form of /proc/PID/environ; absent means what the tree was started with. */
  readonly environment?: Uint8Array;
  /** Absent if services without a logger write where the tree does. */
  readonly output?: ServiceOutput;
  /** Milliseconds between scans; 0 means only when told. */
  readonly rescan?: number;
  readonly companions?: readonly Companion[];
  /** Soft limit of open files for services; absent means the one that the tree was started with. */
  readonly openFiles?: number;
  /** See `ScandirOrders`; absent means that on these signals everything is stopped at once. */
  readonly shutdown?: readonly [string, ...string[]];
  /** Signals are somebody else's, a companion's. */
  readonly ignoresSignals?: true;
  /** Called when commands are listened to. */
  readonly listening?: () => void;
  readonly warn: (message: string) => void;
}

/** Milliseconds. */
const RESCAN_AFTER_ERROR = 5000;

/** Supervises `scandir` until told to stop. Throws `Occupied`, or SystemError. */
export async function runTree(scandir: string, options: TreeOptions): Promise<void> {
  const tree = new Tree(resolve(scandir), options);
  await tree.reactor.run();
  tree.close();
  tree.finish();
}

class Tree implements ServiceHost, ScandirOrders {
  /** One service's trouble that nobody thought of is not the end of all others; process 1 cannot end at all. */
  readonly reactor = new Reactor((error) => this.warn(`unexpected: ${error instanceof Error ? error.stack : error}`));
  readonly system: System;
  readonly processes: Processes;
  readonly children: ChildrenFile;
  readonly output: ServiceOutput | undefined;
  readonly nothing = openSync('/dev/null', constants.O_RDWR);
  readonly #spawner: Spawner;
  readonly #control: ScandirControl;
  readonly #channel: Channel;
  readonly #logPipes: LogPipes;
  readonly #held: HeldPipes;
  readonly #tidy = new Tidying(this.reactor);
  readonly #entries: Entries;
  #stopping = false;
  #companionsLeft: number;

  constructor(
    readonly scandir: string,
    readonly options: TreeOptions,
  ) {
    const limit = originalOpenFilesLimit();
    const soft = options.openFiles === undefined ? limit.soft : least(BigInt(options.openFiles), limit.hard);
    this.#spawner = new Spawner({ ...limit, soft }, options.environment);
    this.system = linuxSystem(this.#spawner);
    this.processes = new Processes(this.reactor, this.system, options.warn);
    this.#control = new ScandirControl(scandir, this);
    const own = join(scandir, '.rc-svscan');
    mkdirSync(own, { recursive: true, mode: 0o700 });
    this.children = new ChildrenFile(join(own, 'children'), this.system.files);
    // A child that a later life finds before its exec is known by having that file open.
    this.#spawner.prepareForMany();
    this.#logPipes = new LogPipes(join(own, 'pipes'));
    this.#entries = new Entries(scandir, this, this.#logPipes, () => this.#stopIfAlone());
    this.#held = new HeldPipes(options.pipes, options.warn);
    this.output = options.output;
    this.#channel = new Channel(own, this.reactor, (letters, name) => this.order(letters, name));
    options.listening?.();
    const companions = options.companions ?? [];
    this.#companionsLeft = companions.length;
    for (const companion of companions) companion.begin(this);
    this.children.followRenames(() => inodesIn(scandir));
    this.scan();
    this.#tidy.later();
    if (options.rescan !== undefined && options.rescan > 0) this.#scanEvery(options.rescan);
  }

  close(): void {
    this.#entries.abandon();
    this.#channel.close();
    this.#control.close();
    this.children.close();
  }

  /** Becomes `.s6-svscan/finish`, if there is one. */
  finish(): void {
    const program = '.s6-svscan/finish';
    if (!existsSync(join(this.scandir, program))) return;
    process.chdir(this.scandir);
    this.#spawner.become(program, [program]);
  }

  // What services need:

  readonly warn = (message: string): void => this.options.warn(message);

  told(service: string, letter: EventLetter): void {
    this.#tidy.count();
    this.#channel.emit(letter, service);
    this.changed();
  }

  /** A companion's matter; where there is none that of the command that ends a live directory, else of nobody but the tree. */
  endEverything(status: number): void {
    const companion = this.options.companions?.find((each) => each.endEverything !== undefined);
    if (companion !== undefined) companion.endEverything?.(status);
    else this.#control.shutDown();
  }

  ended(service: string, end: ServiceEnd): void {
    for (const companion of this.options.companions ?? []) companion.ended?.(service, end);
  }

  left(service: { readonly name: string }): void {
    this.#entries.noteLeft(service);
  }

  // What companions need:

  order(letters: string, name: string): void {
    const service = this.#entries.find(name);
    if (service === undefined) return;
    for (const letter of letters) service.command(letter);
  }

  changed(): void {
    for (const companion of this.options.companions ?? []) companion.changed?.();
  }

  statusOf(name: string): Status | undefined {
    return this.#entries.find(name)?.status;
  }

  runningServices(): string[] {
    return this.#entries.running();
  }

  // What s6-svscanctl and signals order:

  get listensToSignals(): boolean {
    return this.options.ignoresSignals === undefined;
  }

  get shutdown(): readonly [string, ...string[]] | undefined {
    return this.options.shutdown;
  }

  scan(): void {
    this.#held.refresh();
    let found: Map<string, FoundService>;
    try {
      found = scanServices(this.scandir);
    } catch (error) {
      this.warn(`unable to scan ${this.scandir}: ${error}`);
      this.reactor.after(RESCAN_AFTER_ERROR, () => this.scan());
      return;
    }
    this.#entries.update(found);
  }

  reap(): void {
    this.processes.reapAll();
  }

  prune(loggers: Loggers): void {
    this.#entries.prune(loggers);
  }

  stop(loggers: Loggers): void {
    this.#stopping = true;
    this.#entries.stop(loggers);
    this.#logPipes.closeAll();
    for (const companion of this.options.companions ?? []) {
      companion.end(() => {
        this.#companionsLeft--;
        this.#stopIfAlone();
      });
    }
    this.#stopIfAlone();
  }

  abort(): void {
    this.reactor.stop();
  }

  #stopIfAlone(): void {
    if (this.#entries.isEmpty && this.#companionsLeft === 0) this.reactor.stop();
  }

  #scanEvery(interval: number): void {
    this.reactor.after(interval, () => {
      if (this.#stopping) return;
      this.scan();
      this.#scanEvery(interval);
    });
  }
}
