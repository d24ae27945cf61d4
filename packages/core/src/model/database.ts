/**
 * The database: what the compiler makes of a set of source definitions, and the only thing the engine knows about them.
 *
 * Services are dense integers. Id `i` is the i-th atomic service (longrun or oneshot) in the byte order of their UTF-8
 * names, so that the same source gives the same ids on any machine. Everything per service is a column indexed by id;
 * everything between services is a flat edge list (graph/edges.ts), stored in both directions. What only a supervisor
 * or an update's content comparison needs (scripts, files) is behind `definition(id)`, so that a command which only
 * looks at the graph never decodes it.
 */
import { type Edges, targetsOf } from '../graph/edges.ts';
import { present } from '../invariant.ts';
import type { Definition } from './definition.ts';
import type { TemplateIndex, TemplateTable } from './template.ts';

declare const counted: unique symbol;

/** Index of an atomic service: 0 … `Database.names.length` - 1. No other number is taken for one. */
export type ServiceId = number & { readonly [counted]: 'service' };

/** Index of a bundle: 0 … `Database.bundleNames.length` - 1. */
export type BundleIndex = number & { readonly [counted]: 'bundle' };

/** For who numbers services, or has checked that `index` is the number of one. All others go through `everyService`. */
export function serviceId(index: number): ServiceId {
  return index as ServiceId;
}

/** As `serviceId`. */
export function bundleIndex(index: number): BundleIndex {
  return index as BundleIndex;
}

export const LONGRUN = 0;
export const ONESHOT = 1;
export type ServiceKind = typeof LONGRUN | typeof ONESHOT;

/** Bits of `Database.flags`. */
export const FLAG = {
  /** Only a forced stop takes the service down. */
  essential: 1,
  /** Enabled by default in a new set. */
  recommended: 2,
  /** Not started because a bundle that holds it is started. */
  manual: 4,
  /** A oneshot that may talk to the operator. */
  console: 8,
  /** A longrun that is ready some time after it runs: it notifies, is asked, or must stay alive for a while. */
  readiness: 16,
  /** Something in its definition was not for everybody to read: neither is what is made of it, the database included. */
  private: 32,
} as const;

/** What an update does when a service's content changed while it is up. */
export const ON_UPDATE = ['restart', 'reload', 'keep', 'rerun'] as const;
export type OnUpdate = (typeof ON_UPDATE)[number];

/** What happens to a service when something it needs is restarted by hand. Index into this is stored per need edge. */
export const ON_DEPENDENCY_RESTART = ['restart', 'reload', 'ignore'] as const;
export type OnDependencyRestart = (typeof ON_DEPENDENCY_RESTART)[number];

export interface Database {
  /** Names by id, in the byte order of their UTF-8 form. */
  readonly names: readonly string[];
  /** `LONGRUN` or `ONESHOT`, by id. */
  readonly kinds: Uint8Array;
  /** Bits of `FLAG`, by id. */
  readonly flags: Uint8Array;
  /** Milliseconds by id; 0 means no limit. */
  readonly timeoutUp: Uint32Array;
  readonly timeoutDown: Uint32Array;
  /** Index into `ON_UPDATE`, by id. */
  readonly onUpdate: Uint8Array;
  /** Direct dependencies: bundles resolved to their members, a producer's consumer included. */
  readonly needs: Edges<ServiceId>;
  /** Index into `ON_DEPENDENCY_RESTART`, parallel to `needs.targets`. */
  readonly needsOnRestart: Uint8Array;
  /** The reverse of `needs`. */
  readonly neededBy: Edges<ServiceId>;
  /** Soft dependencies and their reverse. */
  readonly wants: Edges<ServiceId>;
  readonly wantedBy: Edges<ServiceId>;
  /** Order only: service → those it starts after (both `after.d` and, reversed, `before.d`), and the reverse. */
  readonly after: Edges<ServiceId>;
  readonly before: Edges<ServiceId>;
  /** Symmetric. */
  readonly conflicts: Edges<ServiceId>;
  /** Producer → its consumer (at most one), and consumer → its producers. */
  readonly producerFor: Edges<ServiceId>;
  readonly consumerFor: Edges<ServiceId>;
  /** Bundles in the byte order of their names; `bundleMembers` maps a bundle's index to its atomic services. */
  readonly bundleNames: readonly string[];
  readonly bundleMembers: Edges<BundleIndex, ServiceId>;
  /** One line each, by id; empty means none. */
  readonly descriptions: readonly string[];
  readonly bundleDescriptions: readonly string[];
  /** Earlier names of each service, by id. */
  readonly renamedFrom: readonly (readonly string[])[];
  /** SHA-256 of each service's content (definition without dependencies and flags), 32 bytes each, concatenated. */
  readonly contentHashes: Uint8Array;
  readonly templates: TemplateTable;
  /** Everything else that is known about a service. Decoded when asked for. */
  definition(id: ServiceId): Definition;
}

/** What a column has for a service. An id is used with the database that numbered it, and with no other. */
export function entryOf<T>(column: ArrayLike<T>, id: ServiceId | BundleIndex | TemplateIndex): T {
  return present(column[id], 'an id is used with the database that numbered it');
}

export function nameOf({ names }: Pick<Database, 'names'>, service: ServiceId): string {
  return entryOf(names, service);
}

/** Ascending. */
export function everyService({ names }: Pick<Database, 'names'>): ServiceId[] {
  return names.map((_, index) => serviceId(index));
}

/** Ascending. */
export function everyBundle({ bundleNames }: Pick<Database, 'bundleNames'>): BundleIndex[] {
  return bundleNames.map((_, index) => bundleIndex(index));
}

/** Undefined if there is no such service. Who asks for many asks `servicesByName`. */
export function serviceNamed({ names }: Pick<Database, 'names'>, name: string): ServiceId | undefined {
  const index = names.indexOf(name);
  return index === -1 ? undefined : serviceId(index);
}

/** As `serviceNamed`. */
export function bundleNamed({ bundleNames }: Pick<Database, 'bundleNames'>, name: string): BundleIndex | undefined {
  const index = bundleNames.indexOf(name);
  return index === -1 ? undefined : bundleIndex(index);
}

export function servicesByName({ names }: Pick<Database, 'names'>): Map<string, ServiceId> {
  return new Map(names.map((name, index) => [name, serviceId(index)]));
}

export function bundlesByName({ bundleNames }: Pick<Database, 'bundleNames'>): Map<string, BundleIndex> {
  return new Map(bundleNames.map((name, index) => [name, bundleIndex(index)]));
}

export function hasFlag({ flags }: Pick<Database, 'flags'>, service: ServiceId, flag: keyof typeof FLAG): boolean {
  return (entryOf(flags, service) & FLAG[flag]) !== 0;
}

/** Whether something in it is not for everybody to read. */
export function isPrivate({ flags, templates }: Pick<Database, 'flags' | 'templates'>): boolean {
  return [flags, templates.flags].some((column) => column.some((bits) => (bits & FLAG.private) !== 0));
}

export function onUpdateOf({ onUpdate }: Pick<Database, 'onUpdate'>, service: ServiceId): OnUpdate {
  return present(ON_UPDATE[entryOf(onUpdate, service)], 'what an update does is one of ON_UPDATE');
}

/** What happens to `dependent` when `need`, which it needs directly, is restarted by hand. */
export function onRestartOf(
  { needs, needsOnRestart }: Pick<Database, 'needs' | 'needsOnRestart'>,
  dependent: ServiceId,
  need: ServiceId,
): OnDependencyRestart {
  const at = entryOf(needs.offsets, dependent) + targetsOf(needs, dependent).indexOf(need);
  return present(ON_DEPENDENCY_RESTART[needsOnRestart[at] ?? -1], 'one needs the other, and says what a restart does');
}
