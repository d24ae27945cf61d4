/** A machine with a keeper, which begins another life of the tree when one has died, and with clients that look and give orders. */
import type { Watch } from '@muster/core/execute/ports';
import { conditionUnderLease } from '@muster/core/model/condition';
import { type Database, everyService, type ServiceId, serviceNamed } from '@muster/core/model/database';
import type { LongrunObservation, NoObservation } from '@muster/core/model/observation';
import { BLANK_RECORD, type ServiceRecord } from '@muster/core/model/record';
import { Locks } from '@muster/core/test/simulation/locks';
import type { Random } from '@muster/core/test/simulation/random';
import { RuleBroken } from '@muster/core/test/simulation/rules';
import type { VirtualClock } from '@muster/core/test/simulation/virtual-clock';
import { TICKS } from '@muster/posix/boot-time';
import { DEATH_SIZE } from '@muster/protocol/s6/death-tally';
import { decodeStatus, exitOf, type Status } from '@muster/protocol/s6/status';
import { DONE } from '@muster/protocol/success-codes';
import type { Kernel } from './kernel.ts';
import type { LifeOptions } from './life-system.ts';
import { SCANDIR, TreeLife } from './tree-life.ts';
import type { Vigil } from './vigil.ts';

export type Request = 'start' | 'stop' | 'reload';

const LETTERS = { start: 'u', stop: 'd', reload: 'h' } as const;
/** Milliseconds after which an order that may change nothing of which anybody tells is looked after. */
const AFTERMATH = [2, 20, 200];

export interface MachineOptions extends LifeOptions {
  /** Milliseconds at most from an order to its hearing, and from an event to who listens. */
  readonly latency: number;
  /** Of an event that nobody hears. */
  readonly lost: number;
}

export class Machine {
  readonly records: ServiceRecord[];
  readonly locks: Locks;
  life: TreeLife | undefined;
  /** When this life began, or last stood still. Milliseconds. */
  aliveSince = 0;
  /** The next life begins so many milliseconds after the death of this one. */
  keeperDelay = 0;
  onTreeDeath: () => void = () => {};
  broken: { readonly error: unknown } | undefined;
  readonly #watchers: Set<(service: ServiceId) => void>[];
  readonly #sights = new Map<ServiceId, LongrunObservation>();
  readonly #unheard = new Map<ServiceId, { isWithdrawn: boolean }[]>();
  #heardUntil = 0;
  #lives = 0;
  isKept = true;

  constructor(
    readonly database: Database,
    readonly clock: VirtualClock,
    readonly kernel: Kernel,
    readonly vigil: Vigil,
    readonly random: Random,
    readonly options: MachineOptions,
  ) {
    this.records = database.names.map(() => BLANK_RECORD);
    this.#watchers = database.names.map(() => new Set());
    this.locks = new Locks(database.names.length, clock);
  }

  get treeIsAlive(): boolean {
    return this.life?.isAlive === true;
  }

  /** Which life of the tree this is. */
  get lives(): number {
    return this.#lives;
  }

  beginLife(): void {
    if (this.treeIsAlive) return;
    this.#lives++;
    this.aliveSince = this.clock.monotonic();
    this.life = new TreeLife(this.kernel, this.options, {
      told: (name, letter) => {
        this.vigil.told(name, letter);
        this.#tell(serviceNamed(this.database, name)!);
      },
      warned: (message) => {
        if (message.includes('bug in the tree')) this.broken ??= { error: new RuleBroken(message) };
      },
      broke: (error) => {
        this.broken ??= { error };
      },
      died: () => this.#buryLife(),
    });
    this.life.begin(this.database.names);
    this.#tellAll();
  }

  /** How many processes of the service were started, ever. */
  starts(service: ServiceId): number {
    return this.vigil.of(this.database.names[service]!).starts;
  }

  observe(service: ServiceId): LongrunObservation | NoObservation {
    if (!this.treeIsAlive) return this.#sights.get(service) ?? { kind: 'unsupervised' };
    const seen = this.look(service);
    if (seen.kind === 'longrun') this.#sights.set(service, seen);
    return seen;
  }

  /** As the drivers of s6's protocol read it. */
  look(service: ServiceId): LongrunObservation | NoObservation {
    const name = this.database.names[service]!;
    const status = this.status(name);
    if (status === undefined) return { kind: 'unsupervised' };
    const { pid, finishing, ready, wantUp, waitStatus, stamp, readyStamp } = status;
    const state = pid === 0 ? 'down' : finishing ? 'finishing' : 'up';
    const isReady = state === 'up' && (ready || !this.vigil.of(name).settings.hasReadiness);
    const supervise = `${SCANDIR}/${name}/supervise`;
    const end = state === 'up' || wantUp ? undefined : this.kernel.disk.files.get(`${supervise}/failed`)?.toString();
    const deaths = Math.floor((this.kernel.disk.files.get(`${supervise}/death_tally`)?.length ?? 0) / DEATH_SIZE);
    if (end === DONE) this.vigil.checkDone(name);
    return {
      kind: 'longrun',
      state,
      ready: isReady,
      pid,
      since: stamp,
      readySince: isReady && ready ? readyStamp : 0,
      supervisorWants: wantUp ? 'up' : 'down',
      lastExit: deaths > 0 || waitStatus !== 0 ? exitOf(waitStatus) : null,
      deaths,
      failed: state === 'down' && end === '',
      ...(end === DONE ? { done: true } : {}),
    };
  }

  /** Milliseconds. */
  lifeOf({ pid, since, readySince }: LongrunObservation): number {
    const startTime = this.kernel.processes.get(pid)?.startTime ?? 0;
    const age = this.clock.monotonic() - (startTime * 1000) / TICKS;
    return Math.max(0, age - (readySince > since ? readySince - since : 0));
  }

  status(name: string): Status | undefined {
    const bytes = this.kernel.disk.files.get(`${SCANDIR}/${name}/supervise/status`);
    return bytes === undefined ? undefined : decodeStatus(bytes);
  }

  isUp(service: ServiceId): boolean {
    return conditionUnderLease(this.records[service]!, this.look(service)) === 'up';
  }

  isDown(service: ServiceId): boolean {
    const seen = this.look(service);
    return seen.kind === 'unsupervised' || (seen.state === 'down' && seen.supervisorWants === 'down');
  }

  /** A channel for all: what was said first is heard first. What a tree has not read when it dies is lost. */
  order(service: ServiceId, request: Request): void {
    const { life } = this;
    if (life === undefined || !this.treeIsAlive) return;
    const now = this.clock.monotonic();
    this.#heardUntil = Math.max(this.#heardUntil, now + this.#latency());
    const said = { isWithdrawn: false };
    this.#unheard.set(service, [...(this.#unheard.get(service) ?? []), said]);
    const hear = () => {
      if (said.isWithdrawn) return;
      if (life.isAlive && life.machine.isSleeping) {
        this.clock.after(1, hear);
        return;
      }
      this.#unheard.set(
        service,
        this.#unheard.get(service)!.filter((other) => other !== said),
      );
      if (!life.isAlive) return;
      const name = this.database.names[service]!;
      this.vigil.heard(name, request);
      life.command(LETTERS[request], name);
    };
    this.clock.after(this.#heardUntil - now, hear);
    for (const delay of AFTERMATH) this.clock.after(this.#heardUntil - now + delay, () => this.#touch(service));
  }

  isUnread(service: ServiceId): boolean {
    return (this.#unheard.get(service)?.length ?? 0) > 0;
  }

  withdraw(service: ServiceId): boolean {
    const unheard = this.#unheard.get(service) ?? [];
    for (const order of unheard) order.isWithdrawn = true;
    this.#unheard.delete(service);
    return unheard.length > 0;
  }

  watch(services: Iterable<ServiceId>, notify: (service: ServiceId) => void): Watch {
    const watched = [...services];
    for (const service of watched) this.#watchers[service]!.add(notify);
    return {
      close: () => {
        for (const service of watched) this.#watchers[service]!.delete(notify);
      },
    };
  }

  openWatches(): number {
    return this.#watchers.reduce((sum, watchers) => sum + watchers.size, 0);
  }

  #buryLife(): void {
    this.vigil.treeDied();
    this.onTreeDeath();
    this.onTreeDeath = () => {};
    for (const unheard of this.#unheard.values()) for (const order of unheard) order.isWithdrawn = true;
    this.#unheard.clear();
    this.#tellAll();
    if (this.isKept) this.clock.after(this.keeperDelay, () => this.beginLife());
  }

  #latency(): number {
    return this.options.latency === 0 ? 0 : this.random.below(this.options.latency);
  }

  #tell(service: ServiceId): void {
    if (!this.random.chance(this.options.lost)) this.clock.after(this.#latency(), () => this.#touch(service));
  }

  #touch(service: ServiceId): void {
    for (const notify of [...this.#watchers[service]!]) notify(service);
  }

  #tellAll(): void {
    for (const service of everyService(this.database)) this.clock.after(0, () => this.#touch(service));
  }
}
