/**
 * Which service of a new database is which of the old one.
 *
 * In this order: the conversion file says so; the name is the same; the new definition's `renamed-from` names the old
 * one, or the other way round; it is the logger that the compiler gave to one that was renamed. What an old service becomes
 * may be a bundle: then all of its members stand in for it. A bundle may become a service: then it stands in for those of
 * its members that are not there any more. A new service is the *successor* of an old one if a running process of the old
 * one may simply go on as the successor's: the atomic service that the old one became, the only member of the bundle that
 * it became (or that became it), or the one that says that it had its name.
 */
import { type Column, columnOf } from '../../graph/column.ts';
import { targetsOf } from '../../graph/edges.ts';
import { invariant } from '../../invariant.ts';
import {
  type BundleIndex,
  bundlesByName,
  type Database,
  entryOf,
  everyService,
  hasFlag,
  nameOf,
  type ServiceId,
  servicesByName,
} from '../../model/database.ts';
import { loggerName } from '../../model/logger-name.ts';
import type { Conversion } from './conversion.ts';
import type { UpdateProblem } from './problem.ts';

export const NOBODY = -1;

export interface Identity {
  /** By old id: the new services that must be up if the old one was. */
  readonly standIns: readonly (readonly ServiceId[])[];
  /** By old id: 1 if the new database has nothing of its name or with a claim to it. */
  readonly gone: Uint8Array;
  /** By old id: the new id that it goes on as, or `NOBODY`. */
  readonly successor: Column<ServiceId | typeof NOBODY, Int32Array>;
  /** The reverse of `successor`, by new id. */
  readonly predecessor: Column<ServiceId | typeof NOBODY, Int32Array>;
}

/** The successor of a service that is known to have one: what goes on running goes on as somebody. */
export function successorOf({ successor }: Pick<Identity, 'successor'>, id: ServiceId): ServiceId {
  const found = entryOf(successor, id);
  invariant(found !== NOBODY, () => `the service ${id} goes on running, and has no successor`);
  return found;
}

/** Of a database with itself: every service goes on as itself. */
export function sameServices(database: Database): Identity {
  const services = everyService(database);
  return {
    standIns: services.map((service) => [service]),
    gone: new Uint8Array(services.length),
    successor: columnOf(Int32Array.from(services)),
    predecessor: columnOf(Int32Array.from(services)),
  };
}

/** Decides for every service of `old` what it is in `next`. */
export function identify(
  old: Database,
  next: Database,
  conversion: Conversion,
): { readonly identity: Identity; readonly problems: readonly UpdateProblem[] } {
  const identification = new Identification(old, next, conversion);
  identification.obeyConversion();
  identification.followNames();
  identification.followAnnotations();
  identification.followAnnotationsBack();
  identification.followLoggers();
  identification.followBundles();
  const { standIns, gone, successor, predecessor, problems } = identification;
  return { identity: { standIns, gone, successor, predecessor }, problems };
}

/** An identity in the making: each step decides for those about whom the earlier ones could not. */
class Identification implements Identity {
  readonly standIns: (readonly ServiceId[])[];
  readonly gone: Uint8Array;
  readonly successor: Identity['successor'];
  readonly predecessor: Identity['predecessor'];
  readonly problems: UpdateProblem[] = [];
  /** By name, in the new database. */
  readonly #services: ReadonlyMap<string, ServiceId>;
  readonly #bundles: ReadonlyMap<string, BundleIndex>;
  /** Old services that became a bundle of one, and that one. */
  readonly #onlyMembers: [ServiceId, ServiceId][] = [];
  /** Old ids whose name no new service has. */
  readonly #unnamed: ServiceId[] = [];

  constructor(
    readonly old: Database,
    readonly next: Database,
    readonly conversion: Conversion,
  ) {
    this.standIns = old.names.map(() => []);
    this.gone = new Uint8Array(old.names.length).fill(1);
    this.successor = columnOf(new Int32Array(old.names.length).fill(NOBODY));
    this.predecessor = columnOf(new Int32Array(next.names.length).fill(NOBODY));
    this.#services = servicesByName(next);
    this.#bundles = bundlesByName(next);
  }

  obeyConversion(): void {
    for (const [id, { name, line }] of this.conversion.renames) {
      const found = this.#services.get(name);
      if (found !== undefined) this.#inherit(id, found, line);
      else if (!this.#becomeBundle(id, name)) this.problems.push({ kind: 'undefined-new-service', name, line });
    }
  }

  followNames(): void {
    for (const [name, id] of servicesByName(this.old)) {
      if (this.conversion.renames.has(id)) continue;
      const found = this.#services.get(name);
      if (found !== undefined && !this.#isTakenBack(found)) this.#inherit(id, found, 0);
      else {
        this.#becomeBundle(id, name);
        this.#unnamed.push(id);
      }
    }
  }

  followAnnotations(): void {
    const wanted = new Map(this.#unnamed.map((id) => [nameOf(this.old, id), id]));
    if (wanted.size === 0) return;
    for (const found of everyService(this.next)) {
      for (const name of entryOf(this.next.renamedFrom, found)) {
        const id = wanted.get(name);
        if (id !== undefined) this.#claim(id, found);
      }
    }
  }

  /** `found` says that it was called as the old service `id`. */
  #claim(id: ServiceId, found: ServiceId): void {
    const other = entryOf(this.successor, id);
    if (other !== NOBODY) {
      const news = [nameOf(this.next, other), nameOf(this.next, found)] as const;
      this.problems.push({ kind: 'one-becomes-two', name: nameOf(this.old, id), news });
    } else if (this.predecessor[found] === NOBODY) this.#inherit(id, found, 0);
  }

  /** Going back to an earlier database: what it does not know yet has the name there that it had before. */
  followAnnotationsBack(): void {
    for (const id of this.#unnamed) {
      if (this.successor[id] !== NOBODY) continue;
      const found = entryOf(this.old.renamedFrom, id)
        .map((name) => this.#services.get(name))
        .find((service) => service !== undefined);
      if (found !== undefined && this.predecessor[found] === NOBODY) this.#inherit(id, found, 0);
    }
  }

  /** Nobody could rename them: the compiler names a logger after its producer. */
  followLoggers(): void {
    const { old, next } = this;
    for (const id of everyService(old)) {
      const successor = entryOf(this.successor, id);
      if (successor === NOBODY || old.names[id] === next.names[successor]) continue;
      const logger = ownLoggerOf(old, id);
      const loggerNow = ownLoggerOf(next, successor);
      if (logger === null || loggerNow === null) continue;
      if (this.successor[logger] === NOBODY && this.predecessor[loggerNow] === NOBODY)
        this.#inherit(logger, loggerNow, 0);
    }
  }

  followBundles(): void {
    for (const [id, member] of this.#onlyMembers) {
      if (this.successor[id] === NOBODY && this.predecessor[member] === NOBODY) this.#inherit(id, member, 0);
    }
    for (const [name, bundle] of bundlesByName(this.old)) this.#becomeService(bundle, name);
  }

  /** Its name was given to another service meanwhile, and goes back to the one that had it. */
  #isTakenBack(found: ServiceId): boolean {
    const predecessor = entryOf(this.predecessor, found);
    return predecessor !== NOBODY && this.conversion.renames.get(predecessor)?.line === 0;
  }

  /** `line`: of the conversion file, 0 if it does not say so. */
  #inherit(id: ServiceId, found: ServiceId, line: number): void {
    const claimed = entryOf(this.predecessor, found);
    if (claimed !== NOBODY) {
      const said = line > 0 ? line : (this.conversion.renames.get(claimed)?.line ?? 0);
      const olds = [nameOf(this.old, claimed), nameOf(this.old, id)] as const;
      this.problems.push({ kind: 'two-become-one', line: said, olds, name: nameOf(this.next, found) });
      return;
    }
    if (!entryOf(this.standIns, id).includes(found)) this.standIns[id] = [...entryOf(this.standIns, id), found];
    this.gone[id] = 0;
    this.successor[id] = found;
    this.predecessor[found] = id;
  }

  /** Whether there is such a bundle. */
  #becomeBundle(id: ServiceId, name: string): boolean {
    const bundle = this.#bundles.get(name);
    if (bundle === undefined) return false;
    const members = targetsOf(this.next.bundleMembers, bundle);
    this.standIns[id] = [...members].filter((member) => !hasFlag(this.next, member, 'manual'));
    this.gone[id] = 0;
    const [only, ...more] = members;
    if (only !== undefined && more.length === 0) this.#onlyMembers.push([id, only]);
    return true;
  }

  /** An old bundle whose name a service has now: it stands for those members that nothing else stands for. */
  #becomeService(bundle: BundleIndex, name: string): void {
    const found = this.#services.get(name);
    if (found === undefined || this.predecessor[found] !== NOBODY || hasFlag(this.next, found, 'manual')) return;
    const members = [...targetsOf(this.old.bundleMembers, bundle)];
    const lost = members.filter((member) => this.gone[member] === 1);
    const [only] = lost;
    if (only !== undefined && members.length === 1) this.#inherit(only, found, 0);
    else for (const member of lost) this.standIns[member] = [...entryOf(this.standIns, member), found];
  }
}

/** The logger that its `log` asks for; null means none, or a consumer that has a definition of its own. */
function ownLoggerOf(database: Database, service: ServiceId): ServiceId | null {
  const [consumer] = targetsOf(database.producerFor, service);
  return consumer !== undefined && database.names[consumer] === loggerName(nameOf(database, service)) ? consumer : null;
}
