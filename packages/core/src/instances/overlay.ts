/** A database with the instances that were made beside it: one database for all who look or plan. Its own ids stay what they are. */
import { EdgeList } from '../graph/edge-list.ts';
import { type Edges, nodesOf, reversed, targetsOf } from '../graph/edges.ts';
import { invariant, present } from '../invariant.ts';
import { CONTENT_HASH_SIZE } from '../model/content-hash.ts';
import {
  type BundleIndex,
  bundleIndex,
  type Database,
  everyBundle,
  everyService,
  type ServiceId,
  serviceId,
  servicesByName,
} from '../model/database.ts';
import type { Definition } from '../model/definition.ts';
import type { InstanceService, InstanceSet } from './instance-set.ts';

/** `definitionOf`: what an instance's service is made of, asked for as rarely as that of any other. */
export function overlay(
  base: Database,
  { services, bundles }: InstanceSet,
  definitionOf: (service: InstanceService) => Definition,
): Database {
  if (services.length === 0) return base;
  const names = [...base.names, ...services.map(({ name }) => name)];
  const count = names.length;
  const ids = servicesByName({ names });
  const idOf = (name: string) => present(ids.get(name), 'a set of instances names what its database has');
  const own = services.map((service) => [idOf(service.name), service] as const);

  const needs = new EdgeList<ServiceId>();
  for (const id of everyService(base)) {
    const start = present(base.needs.offsets[id], 'each service has a row');
    targetsOf(base.needs, id).forEach((need, at) => {
      needs.add(id, need, present(base.needsOnRestart[start + at], 'each need has an entry'));
    });
  }
  for (const [id, service] of own) for (const [name, onRestart] of service.needs) needs.add(id, idOf(name), onRestart);
  const built = needs.build(count);

  /** The edges of the base, and those of the instances' lists. */
  const edges = (
    known: Edges<ServiceId>,
    add: (list: EdgeList<ServiceId>, id: ServiceId, service: InstanceService) => void,
  ): Edges<ServiceId> => {
    const list = new EdgeList<ServiceId>();
    for (const id of nodesOf(known)) for (const target of targetsOf(known, id)) list.add(id, target);
    for (const [id, service] of own) add(list, id, service);
    return list.build(count).edges;
  };
  const wants = edges(base.wants, (list, id, service) => {
    for (const name of service.wants) list.add(id, idOf(name));
  });
  const after = edges(base.after, (list, id, service) => {
    for (const name of service.after) list.add(id, idOf(name));
    for (const name of service.before) list.add(idOf(name), id);
  });
  const conflicts = edges(base.conflicts, (list, id, service) => {
    for (const name of service.conflicts) {
      list.add(id, idOf(name));
      list.add(idOf(name), id);
    }
  });
  const producerFor = edges(base.producerFor, (list, id, service) => {
    if (service.producerFor !== null) list.add(id, idOf(service.producerFor));
  });

  const members = new EdgeList<BundleIndex, ServiceId>();
  for (const index of everyBundle(base)) for (const id of targetsOf(base.bundleMembers, index)) members.add(index, id);
  bundles.forEach((bundle, at) => {
    for (const name of bundle.members) members.add(bundleIndex(base.bundleNames.length + at), idOf(name));
  });
  const bundleNames = [...base.bundleNames, ...bundles.map(({ name }) => name)];

  return {
    names,
    kinds: extended(base.kinds, services, ({ kind }) => kind),
    flags: extended(base.flags, services, ({ flags }) => flags),
    timeoutUp: extended(base.timeoutUp, services, ({ timeoutUp }) => timeoutUp),
    timeoutDown: extended(base.timeoutDown, services, ({ timeoutDown }) => timeoutDown),
    onUpdate: extended(base.onUpdate, services, ({ onUpdate }) => onUpdate),
    needs: built.edges,
    needsOnRestart: built.weights,
    neededBy: reversed(built.edges, count),
    wants,
    wantedBy: reversed(wants, count),
    after,
    before: reversed(after, count),
    conflicts,
    producerFor,
    consumerFor: reversed(producerFor, count),
    bundleNames,
    bundleMembers: rowsOf(members, bundleNames.length, count),
    descriptions: [...base.descriptions, ...services.map(({ description }) => description)],
    bundleDescriptions: [...base.bundleDescriptions, ...bundles.map(() => '')],
    renamedFrom: [...base.renamedFrom, ...services.map(() => [])],
    contentHashes: withHashes(base, services),
    templates: base.templates,
    definition: (id) => (id < base.names.length ? base.definition(id) : definitionOf(own[id - base.names.length]![1])),
  };
}

function extended<Column extends Uint8Array | Uint32Array>(
  column: Column,
  services: readonly InstanceService[],
  value: (service: InstanceService) => number,
): Column {
  const longer = new (column.constructor as new (length: number) => Column)(column.length + services.length);
  longer.set(column);
  services.forEach((service, at) => {
    longer[column.length + at] = value(service);
  });
  return longer;
}

function withHashes({ contentHashes }: Database, services: readonly InstanceService[]): Uint8Array {
  const all = new Uint8Array(contentHashes.length + services.length * CONTENT_HASH_SIZE);
  all.set(contentHashes);
  services.forEach(({ contentHash }, at) => {
    const hash = Uint8Array.from({ length: CONTENT_HASH_SIZE }, (_, byte) =>
      Number.parseInt(contentHash.slice(byte * 2, byte * 2 + 2), 16),
    );
    all.set(hash, contentHashes.length + at * CONTENT_HASH_SIZE);
  });
  return all;
}

/** The list sorts by counting, for which both kinds of numbers need room. */
function rowsOf(
  members: EdgeList<BundleIndex, ServiceId>,
  bundles: number,
  services: number,
): Edges<BundleIndex, ServiceId> {
  const { offsets, targets } = members.build(Math.max(bundles, services)).edges;
  return { offsets: offsets.slice(0, bundles + 1), targets };
}

/** Of an overlaid database: how many of its services are the base's. The others are the set's, in its order. */
export function baseCount({ names }: Pick<Database, 'names'>, { services }: InstanceSet): number {
  return names.length - services.length;
}

/** The service of the set that an id of the overlaid database stands for; undefined for one of the base. */
export function instanceServiceOf(
  database: Pick<Database, 'names'>,
  set: InstanceSet,
  id: ServiceId,
): InstanceService | undefined {
  const at = id - baseCount(database, set);
  if (at < 0) return undefined;
  const service = set.services[at];
  invariant(service?.name === database.names[id], 'a set is used with the database that it was laid over');
  return service;
}

/** The id that the overlaid database has for each service of the set. */
export function idsOfInstances(database: Pick<Database, 'names'>, set: InstanceSet): ServiceId[] {
  const first = baseCount(database, set);
  return set.services.map((_, at) => serviceId(first + at));
}
