/**
 * What the tree supervises, by name: an entry for each service directory that a scan has found. Its service is begun at
 * most once a second; a directory that gets another name keeps its service, and the service its process.
 *
 *     found ──▶ active ──no longer found──▶ inactive ──its service has left──▶ removed
 *                  └──its service has left──▶ begun again
 */
import { join } from 'node:path';
import type { LogPipes } from './log-pipes.ts';
import type { DirectoryIdentity, FoundService } from './scan.ts';
import type { ServiceHost } from './service/host.ts';
import { ResettableTimer } from './service/resettable-timer.ts';
import { Service } from './service/service.ts';
import { Occupied } from './system/control-pipe.ts';

/** How loggers are told to leave. */
export type Loggers = 'end by themselves' | 'are stopped';

interface Entry {
  /** Changes when its directory gets another name. */
  name: string;
  readonly identity: DirectoryIdentity;
  /** It is at one end of the pipe to `log/`. */
  isLogged: boolean;
  service: Service | undefined;
  /** The last scan has seen it. */
  active: boolean;
  /** When it was last begun. Milliseconds since boot. */
  begun: number;
  readonly revival: ResettableTimer;
  warned: boolean;
}

/** Milliseconds from one beginning of a service to the next. */
const REVIVAL = 1000;

export class Entries {
  readonly #entries = new Map<string, Entry>();
  #stopping = false;

  constructor(
    readonly scandir: string,
    readonly host: ServiceHost,
    readonly logPipes: Pick<LogPipes, 'close' | 'open' | 'streams'>,
    /** Called when everything has left after `stop`. */
    readonly left: () => void,
  ) {}

  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  find(name: string): Service | undefined {
    return this.#entries.get(name)?.service;
  }

  /** Names of those that have a process. */
  running(): string[] {
    return this.#all()
      .filter(({ service }) => (service?.status.pid ?? 0) > 0)
      .map(({ name }) => name);
  }

  /** After a scan. */
  update(found: ReadonlyMap<string, FoundService>): void {
    this.#followRenames(found);
    const seen = new Set<string>();
    for (const [name, { identity, log }] of found) {
      this.#found(name, { identity, isLogged: log !== undefined }, seen);
      if (log !== undefined) this.#found(`${name}/log`, { identity: log, isLogged: true }, seen);
    }
    for (const entry of this.#all()) {
      entry.active = seen.has(entry.name);
      if (!entry.active && entry.service === undefined) this.#remove(entry);
    }
  }

  /** A service has exited, as s6-supervise does. */
  noteLeft(service: { readonly name: string }): void {
    const entry = this.#entries.get(service.name);
    if (entry?.service !== service) return;
    entry.service = undefined;
    if (entry.active && !this.#stopping) this.#revive(entry);
    else this.#remove(entry);
  }

  /** Tells those to leave that the last scan has not found. */
  prune(loggers: Loggers): void {
    for (const entry of this.#all()) if (!entry.active) this.#letLeave(entry, loggers);
  }

  /** Tells all to leave. */
  stop(loggers: Loggers): void {
    this.#stopping = true;
    for (const entry of this.#all()) {
      entry.revival.cancel();
      this.#letLeave(entry, loggers);
    }
  }

  /** One that is left alone (service.ts) cannot leave by itself any more. */
  #letLeave(entry: Entry, loggers: Loggers): void {
    const { name, service } = entry;
    if (service === undefined || service.state === 'gone') this.#remove(entry);
    else if (name.endsWith('/log') && loggers === 'end by themselves') service.hangUp();
    else service.terminate();
  }

  /** Lets go of all, whose adoption stays possible. */
  abandon(): void {
    for (const { service, revival } of this.#entries.values()) {
      revival.cancel();
      service?.abandon();
    }
  }

  #followRenames(found: ReadonlyMap<string, FoundService>): void {
    const names = new Map([...found].map(([name, { identity }]) => [identity, name]));
    const moved: [Entry, string][] = [];
    for (const entry of this.#entries.values()) {
      const name = names.get(entry.identity);
      if (name !== undefined && found.get(entry.name)?.identity !== entry.identity) moved.push([entry, name]);
    }
    const leavers = new Set(moved.map(([entry]) => entry));
    const isFree = (name: string) => {
      const other = this.#entries.get(name);
      return other === undefined || leavers.has(other);
    };
    for (const [, name] of moved) {
      if (isFree(name)) continue;
      const other = this.#entries.get(name)!;
      other.active = false;
      other.service?.hangUp();
    }
    const followed = moved.filter(([, name]) => isFree(name));
    for (const [entry] of followed) this.#entries.delete(entry.name);
    this.host.children.rename(followed.map(([entry, name]) => [entry.name, name]));
    for (const [entry, name] of followed) {
      entry.name = name;
      this.#entries.set(name, entry);
      entry.service?.follow(name, join(this.scandir, name));
    }
  }

  #found(name: string, { identity, isLogged }: Pick<Entry, 'identity' | 'isLogged'>, seen: Set<string>): void {
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
      entry.isLogged = isLogged;
      return;
    }
    const revival = new ResettableTimer(this.host.reactor);
    const fresh: Entry = {
      name,
      identity,
      isLogged,
      service: undefined,
      active: true,
      begun: 0,
      revival,
      warned: false,
    };
    this.#entries.set(name, fresh);
    this.#begin(fresh);
  }

  #begin(entry: Entry): void {
    if (this.#stopping) return;
    entry.begun = this.host.system.clock.bootTime();
    const { name } = entry;
    try {
      if (entry.isLogged) this.logPipes.open(name);
      entry.service = new Service(name, join(this.scandir, name), this.logPipes.streams(name), this.host);
      entry.warned = false;
    } catch (error) {
      if (!entry.warned) this.host.warn(`${name}: unable to supervise: ${explain(error)}`);
      entry.warned = true;
      this.#revive(entry);
    }
  }

  #revive(entry: Entry): void {
    entry.revival.set(entry.begun + REVIVAL - this.host.system.clock.bootTime(), () => this.#begin(entry));
  }

  #remove(entry: Entry): void {
    entry.revival.cancel();
    this.#entries.delete(entry.name);
    this.logPipes.close(entry.name);
    this.host.output?.forget(entry.name);
    if (this.#stopping && this.isEmpty) this.left();
  }

  /** As they are now: what is done with one may remove it. */
  #all(): Entry[] {
    return [...this.#entries.values()];
  }
}

function explain(error: unknown): string {
  return error instanceof Occupied ? error.message : String(error);
}
