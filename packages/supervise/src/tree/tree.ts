/**
 * The embedded supervision tree: one process that supervises every service of a scandir, and is on disk what s6-svscan
 * and a s6-supervise for each service would be.
 *
 *     scandir/.s6-svscan/   control, lock, finish, SIGTERM…: s6-svscan's own (scandir-control.ts)
 *     scandir/.rc-svscan/   control, event/: all services through one FIFO (channel.ts)
 *                           children: what a later life of the tree adopts (ledger.ts)
 *                           pipes/NAME: from a service to its log/
 *     scandir/NAME/         a service directory (service.ts, supervise-directory.ts)
 *
 * Everything happens in one thread, in callbacks of one epoll loop (posix/reactor.ts), and nothing in it waits. If the
 * process is killed, its services live on; the next one to run on the scandir adopts them.
 */
import { constants, existsSync, mkdirSync, openSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { originalOpenFilesLimit } from '@muster/posix/limits';
import { Reactor, type Timer } from '@muster/posix/reactor';
import { Spawner } from '@muster/posix/spawn';
import type { EventLetter } from '../s6/control.ts';
import { Channel } from './channel.ts';
import { HeldPipes } from './held-pipes.ts';
import { Ledger } from './ledger.ts';
import { LogPipes } from './log-pipes.ts';
import { Processes } from './processes.ts';
import { ScandirControl, type ScandirOrders } from './scandir-control.ts';
import { Service } from './service.ts';
import type { ServiceHost, ServiceOutput } from './service-host.ts';
import { Occupied } from './supervise-directory.ts';
import { Tidying } from './tidying.ts';

/** Something else that lives in the tree's process, as the runner of oneshots does. */
export interface Companion {
  /** Called once, before any service is started. Its children are to be started through `processes`. */
  begin(host: { readonly reactor: Reactor; readonly processes: Processes; warn(message: string): void }): void;
  /** The tree is told to stop: calls `done` when it may. */
  end(done: () => void): void;
}

export interface TreeOptions {
  /** A directory of FIFOs that are held open, so that what is in them outlives their writers and readers. */
  readonly pipes?: string;
  /** Absent: services without a logger write where the tree does. */
  readonly output?: ServiceOutput;
  /** Milliseconds between scans; 0: only when told. */
  readonly rescan?: number;
  readonly companions?: readonly Companion[];
  /** Soft limit of open files for services; absent: the one that the tree was started with. */
  readonly openFiles?: number;
  /** See `ScandirOrders`; absent: on these signals everything is stopped at once. */
  readonly shutdown?: readonly [string, ...string[]];
  /** Called when commands are listened to. */
  readonly listening?: () => void;
  readonly warn: (message: string) => void;
}

interface Entry {
  /** Changes when its directory gets another name. */
  name: string;
  readonly identity: string;
  service: Service | undefined;
  /** The last scan has seen it. */
  active: boolean;
  /** When it was last begun; it is begun at most once a second. `performance.now()`. */
  begun: number;
  revival: Timer | undefined;
  warned: boolean;
}

const REVIVAL = 1000;
const RESCAN_AFTER_ERROR = 5000;

/** Supervises `scandir` until told to stop. Throws `Occupied`, or SystemError. */
export async function runTree(scandir: string, options: TreeOptions): Promise<void> {
  const tree = new Tree(resolve(scandir), options);
  await tree.reactor.run();
  tree.close();
  tree.finish();
}

class Tree implements ServiceHost, ScandirOrders {
  readonly reactor = new Reactor();
  readonly processes: Processes;
  readonly ledger: Ledger;
  readonly output: ServiceOutput | undefined;
  readonly nothing = openSync('/dev/null', constants.O_RDWR);
  readonly #control: ScandirControl;
  readonly #channel: Channel;
  readonly #logPipes: LogPipes;
  readonly #held: HeldPipes;
  readonly #tidy = new Tidying(this.reactor);
  readonly #entries = new Map<string, Entry>();
  #stopping = false;
  #companionsLeft: number;

  constructor(
    readonly scandir: string,
    readonly options: TreeOptions,
  ) {
    const limit = originalOpenFilesLimit();
    const soft = options.openFiles === undefined ? limit.soft : BigInt(options.openFiles);
    this.processes = new Processes(this.reactor, new Spawner({ ...limit, soft }));
    this.#control = new ScandirControl(scandir, this);
    const own = join(scandir, '.rc-svscan');
    mkdirSync(own, { recursive: true, mode: 0o700 });
    this.ledger = new Ledger(join(own, 'children'));
    this.#logPipes = new LogPipes(join(own, 'pipes'));
    this.#held = new HeldPipes(options.pipes, options.warn);
    this.output = options.output;
    this.#channel = new Channel(own, this.reactor, (letters, name) => this.#command(letters, name));
    options.listening?.();
    const companions = options.companions ?? [];
    this.#companionsLeft = companions.length;
    for (const companion of companions) companion.begin(this);
    this.ledger.followRenames(inodesIn(scandir));
    this.scan();
    this.#tidy.later();
    if (options.rescan !== undefined && options.rescan > 0) this.#scanEvery(options.rescan);
  }

  close(): void {
    for (const { service, revival } of this.#entries.values()) {
      revival?.cancel();
      service?.abandon();
    }
    this.#channel.close();
    this.#control.close();
    this.ledger.close();
  }

  /** Becomes `.s6-svscan/finish`, if there is one. */
  finish(): void {
    const program = '.s6-svscan/finish';
    if (!existsSync(join(this.scandir, program))) return;
    process.chdir(this.scandir);
    this.processes.become(program);
  }

  // --- what services need

  warn(message: string): void {
    this.options.warn(message);
  }

  knownPids(): ReadonlySet<number> {
    return this.ledger.pids();
  }

  told(service: Service, letter: EventLetter): void {
    this.#tidy.count();
    this.#channel.tell(letter, service.name);
  }

  left(service: Service): void {
    const entry = this.#entries.get(service.name);
    if (entry?.service !== service) return;
    entry.service = undefined;
    if (entry.active && !this.#stopping) this.#revive(entry);
    else this.#remove(entry);
  }

  // --- orders: s6-svscanctl and signals

  get shutdown(): readonly [string, ...string[]] | undefined {
    return this.options.shutdown;
  }

  scan(): void {
    this.#held.refresh();
    let names: string[];
    try {
      names = readdirSync(this.scandir);
    } catch (error) {
      this.warn(`unable to scan ${this.scandir}: ${error}`);
      this.reactor.after(RESCAN_AFTER_ERROR, () => this.scan());
      return;
    }
    const found = new Map<string, string>();
    for (const name of names) {
      const identity = name.startsWith('.') ? undefined : identityOf(join(this.scandir, name));
      if (identity !== undefined) found.set(name, identity);
    }
    this.#followRenames(found);
    const seen = new Set<string>();
    for (const [name, identity] of found) {
      const log = identityOf(join(this.scandir, name, 'log'));
      if (log !== undefined) this.#logPipes.open(name);
      this.#found(name, identity, seen);
      if (log !== undefined) this.#found(`${name}/log`, log, seen);
    }
    for (const entry of [...this.#entries.values()]) {
      entry.active = seen.has(entry.name);
      if (!entry.active && entry.service === undefined) this.#remove(entry);
    }
  }

  reap(): void {
    this.processes.reapAll();
  }

  prune(loggers: 'end by themselves' | 'are stopped'): void {
    for (const entry of [...this.#entries.values()]) if (!entry.active) dismiss(entry, loggers);
  }

  stop(loggers: 'end by themselves' | 'are stopped'): void {
    this.#stopping = true;
    for (const entry of [...this.#entries.values()]) {
      entry.revival?.cancel();
      if (entry.service === undefined) this.#remove(entry);
      else dismiss(entry, loggers);
    }
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

  // --- entries

  /** A directory that has another name now keeps its service, and the service its process. */
  #followRenames(found: ReadonlyMap<string, string>): void {
    const names = new Map([...found].map(([name, identity]) => [identity, name]));
    const moved: [Entry, string][] = [];
    for (const entry of this.#entries.values()) {
      const name = names.get(entry.identity);
      if (name !== undefined && found.get(entry.name) !== entry.identity) moved.push([entry, name]);
    }
    const leavers = new Set(moved.map(([entry]) => entry));
    for (const [, name] of moved) {
      const other = this.#entries.get(name);
      if (other === undefined || leavers.has(other)) continue;
      other.active = false;
      other.service?.hangUp();
    }
    const followed = moved.filter(([, name]) => {
      const other = this.#entries.get(name);
      return other === undefined || leavers.has(other);
    });
    for (const [entry] of followed) this.#entries.delete(entry.name);
    this.ledger.rename(followed.map(([entry, name]) => [entry.name, name]));
    for (const [entry, name] of followed) {
      entry.name = name;
      this.#entries.set(name, entry);
      entry.service?.follow(name, join(this.scandir, name));
    }
  }

  #found(name: string, identity: string, seen: Set<string>): void {
    const known = this.#entries.get(name);
    if (known !== undefined && known.identity !== identity) {
      // Another directory has this name now. A service that is down makes room at once; another one must leave first.
      if (known.service?.state === 'down') known.service.hangUp();
      known.active = false;
      if (this.#entries.has(name)) return;
    }
    seen.add(name);
    const entry = this.#entries.get(name);
    if (entry !== undefined) {
      entry.active = true;
      return;
    }
    const fresh: Entry = {
      name,
      identity,
      service: undefined,
      active: true,
      begun: 0,
      revival: undefined,
      warned: false,
    };
    this.#entries.set(name, fresh);
    this.#begin(fresh);
  }

  #begin(entry: Entry): void {
    if (this.#stopping) return;
    entry.revival = undefined;
    entry.begun = performance.now();
    try {
      entry.service = new Service(entry.name, join(this.scandir, entry.name), this.#logPipes.streams(entry.name), this);
      entry.warned = false;
    } catch (error) {
      if (!entry.warned) this.warn(`${entry.name}: unable to supervise: ${explain(error)}`);
      entry.warned = true;
      this.#revive(entry);
    }
  }

  #revive(entry: Entry): void {
    const delay = entry.begun + REVIVAL - performance.now();
    entry.revival = this.reactor.after(delay, () => this.#begin(entry));
  }

  #remove(entry: Entry): void {
    entry.revival?.cancel();
    this.#entries.delete(entry.name);
    this.#logPipes.close(entry.name);
    this.output?.forget(entry.name);
    if (this.#stopping) this.#stopIfAlone();
  }

  #stopIfAlone(): void {
    if (this.#entries.size === 0 && this.#companionsLeft === 0) this.reactor.stop();
  }

  #command(letters: string, name: string): void {
    const service = this.#entries.get(name)?.service;
    if (service === undefined) return;
    for (const letter of letters) service.command(letter);
  }

  #scanEvery(interval: number): void {
    this.reactor.after(interval, () => {
      if (this.#stopping) return;
      this.scan();
      this.#scanEvery(interval);
    });
  }
}

function dismiss(entry: Entry, loggers: 'end by themselves' | 'are stopped'): void {
  if (entry.name.endsWith('/log') && loggers === 'end by themselves') entry.service?.hangUp();
  else entry.service?.terminate();
}

/** Of the service directories in a scandir, by name. */
function inodesIn(scandir: string): Map<string, number> {
  const inodes = new Map<string, number>();
  for (const name of readdirSync(scandir)) {
    const found = name.startsWith('.') ? undefined : statSync(join(scandir, name), { throwIfNoEntry: false });
    if (found?.isDirectory()) inodes.set(name, found.ino % 2 ** 32);
  }
  return inodes;
}

/** Of a directory: symbolic links to it are it. Undefined if it is none. */
function identityOf(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isDirectory() ? `${found.dev}:${found.ino}` : undefined;
}

function explain(error: unknown): string {
  return error instanceof Occupied ? error.message : String(error);
}
