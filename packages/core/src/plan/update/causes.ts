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
import { type Database, hasFlag, ON_UPDATE, type ServiceId } from '../../model/database.ts';
import { canReload } from '../reload.ts';
import { type Identity, NOBODY } from './identity.ts';
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
  /** Old ids that keep running and whose heir is told to reload. */
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
  const count = old.names.length;
  const stops = new Array<UpdateReason | undefined>(count);
  const queue: ServiceId[] = [];
  const soft: ServiceId[] = [];
  const reloads: ServiceId[] = [];
  const stale: Causes['stale'][number][] = [];

  for (let id = 0; id < count; id++) {
    const { up, running } = world.services[id]!;
    if (!up && !running) continue;
    const hard = hardCause(id, up);
    if (hard !== undefined) stop(id, hard);
    else if (up && contentChanged(id)) obeyDefinition(id);
  }
  spread();
  for (let id = 0; id < count; id++) if (isKept(id)) stopForMissingNeed(id);
  spread();

  const shielded = options.stopEssentials ? new Uint8Array(count) : whatEssentialsNeed();
  for (const id of soft) {
    if (stops[id] !== undefined) continue;
    if (shielded[id] === 1) stale.push({ service: id, because: 'essential' });
    else stop(id, { why: 'content-changed' });
  }
  spread();
  return { stops, reloads: reloads.filter((id) => stops[id] === undefined), stale };

  function stop(id: ServiceId, reason: UpdateReason): void {
    if (stops[id] !== undefined) return;
    stops[id] = reason;
    queue.push(id);
  }

  function hardCause(id: ServiceId, up: boolean): UpdateReason | undefined {
    if (identity.gone[id] === 1) return { why: 'removed' };
    const heir = identity.heir[id]!;
    if (heir === NOBODY || next.kinds[heir] !== old.kinds[id]) return { why: 'type-changed' };
    if (pipesChanged(id, heir)) return { why: 'pipeline-changed' };
    if (up && (options.restart === 'all' || options.told.has(id))) return { why: 'told-so' };
    return undefined;
  }

  function pipesChanged(id: ServiceId, heir: ServiceId): boolean {
    const [consumer = NOBODY] = targetsOf(old.producerFor, id);
    const [consumerNow = NOBODY] = targetsOf(next.producerFor, heir);
    if ((consumer === NOBODY ? NOBODY : identity.heir[consumer]!) !== consumerNow) return true;
    if (consumer === NOBODY && consumerNow !== NOBODY) return true;
    return targetsOf(old.consumerFor, id).length > 0 !== targetsOf(next.consumerFor, heir).length > 0;
  }

  function contentChanged(id: ServiceId): boolean {
    const before = world.services[id]!.contentHash ?? contentHashOf(old, id);
    return !isSameHash(before, contentHashOf(next, identity.heir[id]!));
  }

  function obeyDefinition(id: ServiceId): void {
    if (options.restart === 'never') {
      stale.push({ service: id, because: 'asked' });
      return;
    }
    switch (ON_UPDATE[next.onUpdate[identity.heir[id]!]!]!) {
      case 'restart':
      case 'rerun':
        soft.push(id);
        return;
      case 'reload':
        if (canReload(next, identity.heir[id]!)) reloads.push(id);
        else stale.push({ service: id, because: 'asked' });
        return;
      case 'keep':
        stale.push({ service: id, because: 'asked' });
        return;
    }
  }

  function isKept(id: ServiceId): boolean {
    return world.services[id]!.up && stops[id] === undefined;
  }

  /** Stops `id` if in the new database it needs something that is not up, and that it does not do without already. */
  function stopForMissingNeed(id: ServiceId): void {
    for (const need of targetsOf(next.needs, identity.heir[id]!)) {
      const ancestor = identity.ancestor[need]!;
      if (ancestor !== NOBODY && (world.services[ancestor]!.up || targetsOf(old.needs, id).includes(ancestor)))
        continue;
      stop(id, { why: 'new-dependency', because: next.names[need]! });
      return;
    }
  }

  function spread(): void {
    for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
      const because = old.names[id]!;
      for (const dependent of targetsOf(old.neededBy, id)) {
        if (isKept(dependent)) stop(dependent, { why: 'restarted-with', because });
      }
      const heir = identity.heir[id]!;
      if (heir === NOBODY) continue;
      for (const dependent of targetsOf(next.neededBy, heir)) {
        const ancestor = identity.ancestor[dependent]!;
        if (ancestor !== NOBODY && isKept(ancestor)) {
          stop(ancestor, { why: 'restarted-with', because: next.names[heir]! });
        }
      }
    }
  }

  /** 1 for every kept service whose stop would stop an essential service that is kept so far. */
  function whatEssentialsNeed(): Uint8Array {
    const shielded = new Uint8Array(count);
    const todo: ServiceId[] = [];
    const shield = (id: ServiceId): void => {
      if (shielded[id] === 1) return;
      shielded[id] = 1;
      todo.push(id);
    };
    for (let id = 0; id < count; id++) if (isKept(id) && hasFlag(old, id, 'essential')) shield(id);
    for (let id = todo.pop(); id !== undefined; id = todo.pop()) for (const need of needsInEither(id)) shield(need);
    return shielded;
  }

  /** Old ids that `id` needs now, or that its heir will need. */
  function* needsInEither(id: ServiceId): Iterable<ServiceId> {
    yield* targetsOf(old.needs, id);
    const heir = identity.heir[id]!;
    if (heir === NOBODY) return;
    for (const need of targetsOf(next.needs, heir)) {
      const ancestor = identity.ancestor[need]!;
      if (ancestor !== NOBODY) yield ancestor;
    }
  }
}
