/**
 * Longruns under the embedded tree: what s6's protocol says of them, with the tree's aggregated channel to spare the calls.
 * While the channel is open, what was read of a service holds until the channel says that something happened to it, or
 * until another command has written a transition in its record (which it does before it lets anybody else move the service).
 *
 * Should the tree die, its client starts it again and goes on from what the new one adopts.
 */
import type { Watch } from '@muster/core/execute/ports';
import { type ServiceId, servicesByName } from '@muster/core/model/database';
import type { LongrunObservation, NoObservation } from '@muster/core/model/observation';
import { S6Driver } from '../s6/driver.ts';
import { ChannelClient } from './channel-client.ts';
import { isTreeRunning } from './start.ts';

export interface EmbeddedContext {
  readonly scandir: string;
  readonly names: readonly string[];
  directoryOf(service: ServiceId): string;
  hasReadiness(service: ServiceId): boolean;
  /** Another number after each transition of the service that another process wrote. */
  markOf(service: ServiceId): number;
  /** Starts the tree again; absent for who only looks. */
  readonly revive?: () => void;
}

interface Sight {
  readonly observation: LongrunObservation;
  readonly mark: number;
}

interface Listener {
  readonly services: ReadonlySet<ServiceId>;
  readonly changed: (service: ServiceId) => void;
}

/** Milliseconds: between looks for a tree that was started again, and after which it is given up. */
const LOOK = 5;
const PATIENCE = 10_000;
/** Milliseconds that a tree has to begin before another one is started. */
const REVIVAL = 1000;
/** Milliseconds after which an order that may change nothing but `wantUp`, of which nobody tells, is looked after. */
const AFTERMATH = [2, 20, 200];

export class EmbeddedDriver {
  readonly #context: EmbeddedContext;
  readonly #files: S6Driver;
  readonly #channel: ChannelClient;
  readonly #sights = new Map<ServiceId, Sight>();
  readonly #listeners = new Set<Listener>();
  /** Told to be left down, of which nobody tells while the process lives on. */
  readonly #toldDown = new Set<ServiceId>();
  readonly #timers = new Set<Timer>();
  #ids: Map<string, ServiceId> | null = null;
  /** `open`: what was read holds. `reviving`: what was read last is all that is known. */
  #state: 'closed' | 'open' | 'reviving' = 'closed';
  #treeWasSeen = false;
  #connected: (() => void) | null = null;
  #isAwaitingGreeting = false;
  #refusal: { readonly error: unknown } | null = null;

  constructor(context: EmbeddedContext) {
    this.#context = context;
    this.#files = new S6Driver(
      (service) => context.directoryOf(service),
      (service) => context.hasReadiness(service),
    );
    this.#channel = new ChannelClient(`${context.scandir}/.rc-svscan`, {
      opened: () => this.#opened(),
      changed: (name) => this.#changed(name),
      lost: () => this.#lost(),
      refused: (error) => this.#refuse(error),
    });
  }

  /** Throws what the system says, also of an order that could not be given. */
  observe(service: ServiceId): LongrunObservation | NoObservation {
    if (this.#refusal !== null) throw this.#refusal.error;
    const known = this.#sights.get(service);
    if (known !== undefined && this.#state !== 'closed') {
      const isOld = this.#toldDown.has(service) && known.observation.supervisorWants === 'up';
      const isCurrent = !isOld && known.mark === this.#context.markOf(service);
      if (this.#state === 'reviving' || isCurrent) return known.observation;
    }
    if (this.#state === 'closed' && !this.#isTreeThere()) return { kind: 'unsupervised' };
    const mark = this.#context.markOf(service);
    // Deaths are looked up with the status: the channel tells of one a little later than the status shows the next life.
    const observation = this.#files.observeUnder(service);
    // The tree is there, and does not know of it.
    if (observation.kind !== 'longrun') return { kind: 'unsupervised', lost: true };
    this.#sights.set(service, { observation, mark });
    return observation;
  }

  /**
   * Resolves when what is read from now on holds, or when there is no tree to tell of changes. A tree that is there and
   * does not answer (SIGSTOP) is not waited for longer than `REVIVAL`: each transition has a timeout of its own.
   */
  async connect(): Promise<void> {
    if (this.#state === 'open' || !this.#subscribe()) return;
    await new Promise<void>((resolve) => {
      this.#connected = resolve;
      this.#later(REVIVAL, () => {
        if (this.#state === 'closed') this.#noteConnected();
      });
    });
  }

  watch(services: Iterable<ServiceId>, changed: (service: ServiceId) => void): Watch {
    const listener = { services: new Set(services), changed };
    this.#listeners.add(listener);
    if (listener.services.size > 0 && !this.#subscribe()) queueMicrotask(() => this.#lost());
    return {
      close: () => {
        this.#listeners.delete(listener);
        if (this.#listeners.size === 0) this.close();
      },
    };
  }

  start(service: ServiceId): void {
    this.#files.expectUp(service);
    this.#toldDown.delete(service);
    const wasUp = this.#isRunning(service);
    this.#order('u', service);
    if (wasUp) this.#lookAfter(service);
  }

  stop(service: ServiceId): void {
    this.#files.expectDown(service);
    const wasUp = this.#isRunning(service);
    this.#order('d', service);
    this.#toldDown.add(service);
    if (!wasUp) this.#lookAfter(service);
  }

  reload(service: ServiceId): void {
    this.#order(this.#files.reloadLetter(service), service);
  }

  isUnread(service: ServiceId): boolean {
    return this.#channel.isUnread(this.#context.names[service]!);
  }

  withdraw(service: ServiceId): boolean {
    return this.#channel.withdraw(this.#context.names[service]!);
  }

  #order(letter: string, service: ServiceId): void {
    this.#channel.order(letter, this.#context.names[service]!);
  }

  #isRunning(service: ServiceId): boolean {
    const observation = this.observe(service);
    return observation.kind === 'longrun' && observation.state !== 'down';
  }

  /** Once while nobody listens: a command that only looks is over in a moment. */
  #isTreeThere(): boolean {
    if (!this.#treeWasSeen || this.#listeners.size > 0) this.#treeWasSeen = isTreeRunning(this.#context.scandir);
    return this.#treeWasSeen;
  }

  /** False if no tree has ever been there. */
  #subscribe(): boolean {
    const isThere = this.#channel.open();
    if (isThere && this.#state === 'closed') this.#awaitGreeting();
    return isThere;
  }

  /** A tree that was killed a moment ago has left what a client subscribes to, and nobody who would greet. */
  #awaitGreeting(): void {
    if (this.#isAwaitingGreeting) return;
    this.#isAwaitingGreeting = true;
    this.#later(LOOK, () => {
      this.#isAwaitingGreeting = false;
      if (this.#state !== 'closed') return;
      if (isTreeRunning(this.#context.scandir)) this.#awaitGreeting();
      else this.#lost();
    });
  }

  #noteConnected(): void {
    this.#connected?.();
    this.#connected = null;
  }

  #opened(): void {
    this.#state = 'open';
    this.#sights.clear();
    this.#noteConnected();
    this.#everythingChanged();
  }

  #changed(name: string): void {
    this.#ids ??= servicesByName(this.#context);
    const service = this.#ids.get(name);
    if (service === undefined) return;
    this.#touch(service);
  }

  #touch(service: ServiceId): void {
    this.#sights.delete(service);
    for (const { services, changed } of this.#listeners) if (services.has(service)) changed(service);
  }

  #everythingChanged(): void {
    for (const { services, changed } of this.#listeners) for (const service of services) changed(service);
  }

  #lost(): void {
    if (this.#state === 'reviving') return;
    const isNeeded = this.#listeners.size > 0 || this.#connected !== null;
    if (isNeeded && this.#channel.isWithoutRoom && isTreeRunning(this.#context.scandir)) {
      this.#lookWithoutChannel();
      return;
    }
    if (this.#context.revive === undefined || !isNeeded) {
      this.#giveUp();
      // One that is dying may still seem to run: who only looks is told again when it does not.
      if (isNeeded && isTreeRunning(this.#context.scandir)) this.#subscribe();
      return;
    }
    this.#state = 'reviving';
    this.#awaitTree({ until: performance.now() + PATIENCE, revivedAt: Number.NEGATIVE_INFINITY });
  }

  /** The tree lives, and cannot tell what happens: it is looked at now and then, until it can or has died. */
  #lookWithoutChannel(): void {
    this.#giveUp();
    this.#later(REVIVAL, () => {
      if (this.#state === 'closed' && this.#listeners.size > 0 && !this.#subscribe()) this.#lost();
    });
  }

  /** A tree that is dying may still seem to run, and one that was started does not seem to yet. */
  #awaitTree({ until, revivedAt }: { readonly until: number; readonly revivedAt: number }): void {
    this.#later(LOOK, () => {
      if (this.#state === 'open') return;
      const now = performance.now();
      if (now > until) {
        this.#giveUp();
        return;
      }
      this.#channel.open();
      const isDue = now > revivedAt + REVIVAL && !isTreeRunning(this.#context.scandir);
      if (isDue) this.#context.revive?.();
      this.#awaitTree({ until, revivedAt: isDue ? now : revivedAt });
    });
  }

  /** Orders are given when nobody waits for an answer any more: whoever looks next learns of it, and that is now. */
  #refuse(error: unknown): void {
    this.#refusal = { error };
    this.#everythingChanged();
  }

  #giveUp(): void {
    this.#state = 'closed';
    this.#noteConnected();
    this.#everythingChanged();
  }

  #lookAfter(service: ServiceId): void {
    for (const delay of AFTERMATH) this.#later(delay, () => this.#touch(service));
  }

  #later(delay: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, delay);
    this.#timers.add(timer);
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#channel.close();
    this.#sights.clear();
    this.#state = 'closed';
  }
}
