/**
 * What a database's format cannot guarantee: that it says the same thing wherever it says it twice, and that it can be
 * obeyed. Whatever this finds is a fault of the compiler that wrote it.
 */
import { components } from '../graph/components.ts';
import { union } from '../graph/edge-list.ts';
import { type Edges, reversed, targetsOf } from '../graph/edges.ts';
import type { Database } from './database.ts';
import { encodeDefinition } from './definition-bytes.ts';

/** One sentence for each fault; none if the database is sound. */
export function faultsOf(database: Database, digest: (bytes: Uint8Array) => Uint8Array): string[] {
  return [
    ...faultsOfNames(database),
    ...faultsOfDirections(database),
    ...faultsOfPipelines(database),
    ...faultsOfOrder(database),
    ...faultsOfDefinitions(database, digest),
  ];
}

function faultsOfNames({ names, bundleNames }: Database): string[] {
  const services = new Set(names);
  return bundleNames.filter((name) => services.has(name)).map((name) => `${name} is both a service and a bundle`);
}

function faultsOfDirections(database: Database): string[] {
  const nodes = database.names.length;
  const pairs: readonly (readonly [string, Edges, Edges])[] = [
    ['needs', database.needs, database.neededBy],
    ['wants', database.wants, database.wantedBy],
    ['orders', database.after, database.before],
    ['pipes', database.producerFor, database.consumerFor],
    ['conflicts', database.conflicts, database.conflicts],
  ];
  return pairs
    .filter(([, forward, backward]) => !sameEdges(reversed(forward, nodes), backward))
    .map(([what]) => `the two directions of its ${what} disagree`);
}

function faultsOfPipelines({ names, producerFor, needs }: Database): string[] {
  const faults: string[] = [];
  names.forEach((name, id) => {
    const consumers = targetsOf(producerFor, id);
    if (consumers.length > 1) faults.push(`${name} has ${consumers.length} consumers`);
    for (const consumer of consumers)
      if (!targetsOf(needs, id).includes(consumer)) faults.push(`${name} does not need its consumer`);
  });
  return faults;
}

function faultsOfOrder({ names, needs, wants, after }: Database): string[] {
  const edges = union(names.length, [needs, wants, after]);
  const ownEdge = names.some((_, id) => targetsOf(edges, id).includes(id));
  return ownEdge || components(edges).count !== names.length ? ['services wait for each other in a circle'] : [];
}

function faultsOfDefinitions(database: Database, digest: (bytes: Uint8Array) => Uint8Array): string[] {
  const faults: string[] = [];
  database.names.forEach((name, id) => {
    try {
      const definition = database.definition(id);
      if ((definition.type === 'longrun' ? 0 : 1) !== database.kinds[id]) faults.push(`${name} is of two types`);
      const hash = digest(encodeDefinition(definition));
      if (hash.some((byte, i) => byte !== database.contentHashes[id * hash.length + i]))
        faults.push(`the content hash of ${name} is not that of its content`);
    } catch (error) {
      faults.push(`the definition of ${name} cannot be read: ${error instanceof Error ? error.message : error}`);
    }
  });
  return faults;
}

function sameEdges(a: Edges, b: Edges): boolean {
  return sameNumbers(a.offsets, b.offsets) && sameNumbers(a.targets, b.targets);
}

function sameNumbers(a: Uint32Array, b: Uint32Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
