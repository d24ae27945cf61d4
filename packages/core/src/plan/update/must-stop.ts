/**
 * Which services an update must stop: the smallest set that contains every service with a cause of its own, and is
 * closed: what needs a service that stops, stops too (by the old database's needs, or the process would run without it
 * for a while; by the new one's, or it would run without what it needs).
 *
 * Causes are *hard* (the new database cannot be had without the stop) or *soft* (the content changed: the process is
 * merely older than its definition). A soft cause yields to an essential service that would have to stop with it,
 * unless essential services may be stopped: then the service is kept, and is stale.
 */
import { targetsOf } from '../../graph/edges.ts';
import { contentHashOf, isSameHash } from '../../model/content-hash.ts';
import {
  type Database,
  entryOf,
  everyService,
  hasFlag,
  nameOf,
  onUpdateOf,
  type ServiceId,
} from '../../model/database.ts';
import { canReload } from '../reload.ts';
import { type Identity, NOBODY, successorOf } from './identity.ts';
import type { UpdateReason } from './reason.ts';
import type { UpdateWorld } from './world.ts';

export interface CauseOptions {
  /** Old ids that were asked for by name. */
  readonly told: ReadonlySet<ServiceId>;
  readonly restart: 'changed' | 'never' | 'all';
  readonly stopEssentials: boolean;
}

export interface Causes {
  /** By old id: why it stops, or undefined. */
  readonly stops: readonly (UpdateReason | undefined)[];
  /** Old ids that keep running and whose successor is told to reload. */
  readonly reloads: readonly ServiceId[];
  /** Old ids that keep running on an older definition, and why: the definition or the command line says so, or … */
  readonly stale: readonly { readonly service: ServiceId; readonly because: 'asked' | 'essential' }[];
}

export function findCauses(
  old: Database,
  next: Database,
  identity: Identity,
  world: UpdateWorld,
  options: CauseOptions,
): Causes {
  const search = new CauseSearch(old, next, identity, world, options);
  search.findOwnCauses();
  search.findMissingNeeds();
  search.obeySoftCauses();
  const { stops, stale } = search;
  return { stops, reloads: search.reloads.filter((id) => stops[id] === undefined), stale };
}

class CauseSearch {
  readonly stops: (UpdateReason | undefined)[];
  readonly reloads: ServiceId[] = [];
  readonly stale: Causes['stale'][number][] = [];
  /** Those whose stop has not been spread yet. */
  readonly #queue: ServiceId[] = [];
  /** Those with a soft cause. */
  readonly #soft: ServiceId[] = [];

  constructor(
    readonly old: Database,
    readonly next: Database,
    readonly identity: Identity,
    readonly world: UpdateWorld,
    readonly options: CauseOptions,
  ) {
    this.stops = new Array<UpdateReason | undefined>(old.names.length);
  }

  /** Notes soft causes, and stops what has a hard one. */
  findOwnCauses(): void {
    for (const id of everyService(this.old)) {
      const { up, running } = entryOf(this.world.services, id);
      if (!up && !running) continue;
      const hard = this.#hardCause(id, up);
      if (hard !== undefined) this.#stop(id, hard);
      else if (up && this.#contentChanged(id)) this.#obeyDefinition(id);
    }
    this.#spread();
  }

  findMissingNeeds(): void {
    for (const id of everyService(this.old)) if (this.#isKept(id)) this.#stopForMissingNeed(id);
    this.#spread();
  }

  obeySoftCauses(): void {
    const shielded = this.options.stopEssentials ? new Set<ServiceId>() : this.#whatEssentialsNeed();
    for (const id of this.#soft) {
      if (this.stops[id] !== undefined) continue;
      if (shielded.has(id)) this.stale.push({ service: id, because: 'essential' });
      else this.#stop(id, { why: 'content-changed' });
    }
    this.#spread();
  }

  #stop(id: ServiceId, reason: UpdateReason): void {
    if (this.stops[id] !== undefined) return;
    this.stops[id] = reason;
    this.#queue.push(id);
  }

  #hardCause(id: ServiceId, up: boolean): UpdateReason | undefined {
    const { old, next, identity, options } = this;
    if (identity.gone[id] === 1) return { why: 'removed' };
    const successor = entryOf(identity.successor, id);
    if (successor === NOBODY || next.kinds[successor] !== old.kinds[id]) return { why: 'type-changed' };
    if (this.#pipesChanged(id, successor)) return { why: 'pipeline-changed' };
    if (up && (options.restart === 'all' || options.told.has(id))) return { why: 'told-so' };
    return undefined;
  }

  #pipesChanged(id: ServiceId, successor: ServiceId): boolean {
    const { old, next, identity } = this;
    const [consumer = NOBODY] = targetsOf(old.producerFor, id);
    const [consumerNow = NOBODY] = targetsOf(next.producerFor, successor);
    if ((consumer === NOBODY ? NOBODY : entryOf(identity.successor, consumer)) !== consumerNow) return true;
    if (consumer === NOBODY && consumerNow !== NOBODY) return true;
    return targetsOf(old.consumerFor, id).length > 0 !== targetsOf(next.consumerFor, successor).length > 0;
  }

  #contentChanged(id: ServiceId): boolean {
    const before = entryOf(this.world.services, id).contentHash ?? contentHashOf(this.old, id);
    return !isSameHash(before, contentHashOf(this.next, successorOf(this.identity, id)));
  }

  #obeyDefinition(id: ServiceId): void {
    const successor = successorOf(this.identity, id);
    const onUpdate = this.options.restart === 'never' ? 'keep' : onUpdateOf(this.next, successor);
    switch (onUpdate) {
      case 'restart':
      case 'rerun':
        this.#soft.push(id);
        return;
      case 'reload':
        if (canReload(this.next, successor)) this.reloads.push(id);
        else this.stale.push({ service: id, because: 'asked' });
        return;
      case 'keep':
        this.stale.push({ service: id, because: 'asked' });
        return;
    }
  }

  #isKept(id: ServiceId): boolean {
    return entryOf(this.world.services, id).up && this.stops[id] === undefined;
  }

  /** Stops `id` if in the new database it needs something that is not up, and that it does not do without already. */
  #stopForMissingNeed(id: ServiceId): void {
    const { old, next, identity, world } = this;
    for (const need of targetsOf(next.needs, successorOf(identity, id))) {
      const predecessor = entryOf(identity.predecessor, need);
      if (
        predecessor !== NOBODY &&
        (entryOf(world.services, predecessor).up || targetsOf(old.needs, id).includes(predecessor))
      )
        continue;
      this.#stop(id, { why: 'new-dependency', because: nameOf(next, need) });
      return;
    }
  }

  /** To what needs what stops. */
  #spread(): void {
    const { old, next, identity } = this;
    for (let id = this.#queue.pop(); id !== undefined; id = this.#queue.pop()) {
      const because = nameOf(old, id);
      for (const dependent of targetsOf(old.neededBy, id)) {
        if (this.#isKept(dependent)) this.#stop(dependent, { why: 'restarted-with', because });
      }
      const successor = entryOf(identity.successor, id);
      if (successor === NOBODY) continue;
      for (const dependent of targetsOf(next.neededBy, successor)) {
        const predecessor = entryOf(identity.predecessor, dependent);
        if (predecessor === NOBODY || !this.#isKept(predecessor)) continue;
        this.#stop(predecessor, { why: 'restarted-with', because: nameOf(next, successor) });
      }
    }
  }

  /** Every kept service whose stop would stop an essential service that is kept so far. */
  #whatEssentialsNeed(): Set<ServiceId> {
    const essentials = everyService(this.old).filter((id) => this.#isKept(id) && hasFlag(this.old, id, 'essential'));
    const needed = new Set<ServiceId>(essentials);
    for (const id of needed) for (const need of this.#needsInEither(id)) needed.add(need);
    return needed;
  }

  /** Old ids that `id` needs now, or that its successor will need. */
  *#needsInEither(id: ServiceId): Iterable<ServiceId> {
    const { old, next, identity } = this;
    yield* targetsOf(old.needs, id);
    const successor = entryOf(identity.successor, id);
    if (successor === NOBODY) return;
    for (const need of targetsOf(next.needs, successor)) {
      const predecessor = entryOf(identity.predecessor, need);
      if (predecessor !== NOBODY) yield predecessor;
    }
  }
}
