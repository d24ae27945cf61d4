/**
 * What a database's format cannot guarantee: that it says the same thing wherever it says it twice, and that it can be
 * obeyed. Whatever this finds is a fault of the compiler that wrote it.
 */
import { areUnkeepable } from '../compile/conflicts.ts';
import { faultOfDefinition, faultOfTemplate } from '../compile/definition-faults.ts';
import { isName, showName } from '../compile/names.ts';
import { components } from '../graph/components.ts';
import { union } from '../graph/edge-list.ts';
import { type Edges, nodesOf, reversed, targetsOf } from '../graph/edges.ts';
import { type Database, entryOf, everyService, hasFlag, LONGRUN, nameOf, type ServiceId } from './database.ts';
import type { DefinitionEncoding } from './definition-encoding.ts';
import { everyTemplate } from './template.ts';

/** One sentence for each fault; none if the database is sound. */
export function faultsOf(database: Database, encoding: DefinitionEncoding): string[] {
  return [
    ...faultsOfGraph(database),
    ...faultsOfDefinitions(database, encoding),
    ...faultsOfTemplateDefinitions(database),
  ];
}

/** The same without a look at any definition. */
export function faultsOfGraph(database: Database): string[] {
  const faults = [
    ...faultsOfNames(database),
    ...faultsOfTexts(database),
    ...faultsOfDirections(database),
    ...faultsOfPipelines(database),
    ...faultsOfOrder(database),
    ...faultsOfTemplates(database),
  ];
  // Whether conflicts can be kept is a question only where there is an order.
  return faults.length > 0 ? faults : faultsOfConflicts(database);
}

function faultsOfNames({ names, bundleNames, renamedFrom }: Database): string[] {
  const faults: string[] = [];
  const services = new Set(names);
  // A directory of a source that begins with a dot is no definition, and one of a scandir no service.
  for (const name of names)
    if (!isName(name) || name.startsWith('.')) faults.push(`${showName(name)} cannot be the name of a service`);
  for (const name of bundleNames) {
    if (!isName(name)) faults.push(`${showName(name)} cannot be the name of a bundle`);
    if (services.has(name)) faults.push(`${showName(name)} is both a service and a bundle`);
  }
  const earlier = new Set<string>();
  for (const name of renamedFrom.flat()) {
    if (!isName(name) || earlier.has(name)) faults.push(`${showName(name)} cannot be the earlier name of a service`);
    earlier.add(name);
  }
  return faults;
}

function faultsOfTemplates({ names, templates }: Database): string[] {
  const faults: string[] = [];
  for (const index of everyTemplate(templates)) {
    const name = entryOf(templates.names, index);
    if (!isName(name) || !/^[^.].*@$/su.test(name)) faults.push(`${showName(name)} cannot be the name of a template`);
    for (const instance of targetsOf(templates.instances, index))
      if (!nameOf({ names }, instance).startsWith(name) || names[instance] === name)
        faults.push(`${showName(nameOf({ names }, instance))} is no instance of ${showName(name)}`);
  }
  return faults;
}

function faultsOfTemplateDefinitions({ templates }: Database): string[] {
  return everyTemplate(templates).flatMap((index) => {
    const name = showName(entryOf(templates.names, index));
    try {
      const fault = faultOfTemplate(templates, index, templates.template(index));
      return fault === null ? [] : [`the template ${name} is not as it should be: ${fault}`];
    } catch (error) {
      return [`the template ${name} cannot be read: ${error instanceof Error ? error.message : error}`];
    }
  });
}

function faultsOfTexts(database: Database): string[] {
  const { kinds, descriptions, bundleDescriptions } = database;
  const faults: string[] = [];
  if ([descriptions, bundleDescriptions].some((texts) => texts.some((text) => text.includes('\n'))))
    faults.push('a description has more than a line');
  for (const id of everyService(database)) {
    const isLongrun = kinds[id] === LONGRUN;
    if (isLongrun ? hasFlag(database, id, 'console') : hasFlag(database, id, 'readiness'))
      faults.push(`${showName(nameOf(database, id))} has a flag of the other type`);
  }
  return faults;
}

function faultsOfConflicts({ needs, conflicts, bundleMembers }: Database): string[] {
  return areUnkeepable(needs, conflicts, bundleMembers) ? ['what must be up together conflicts'] : [];
}

function faultsOfDirections(database: Database): string[] {
  const nodes = database.names.length;
  const pairs: readonly (readonly [string, Edges<ServiceId>, Edges<ServiceId>])[] = [
    ['needs', database.needs, database.neededBy],
    ['wants', database.wants, database.wantedBy],
    ['orders', database.after, database.before],
    ['pipes', database.producerFor, database.consumerFor],
    ['conflicts', database.conflicts, database.conflicts],
  ];
  return pairs
    .filter(([, { targets }, backward]) => targets.length + backward.targets.length > 0)
    .filter(([, forward, backward]) => !sameEdges(reversed(forward, nodes), backward))
    .map(([what]) => `the two directions of its ${what} disagree`);
}

function faultsOfPipelines(database: Database): string[] {
  const { kinds, producerFor, needs } = database;
  const faults: string[] = [];
  if (producerFor.targets.length === 0) return faults;
  for (const id of everyService(database)) {
    const name = nameOf(database, id);
    const consumers = targetsOf(producerFor, id);
    if (consumers.length > 1) faults.push(`${showName(name)} has ${consumers.length} consumers`);
    for (const consumer of consumers) {
      if (!targetsOf(needs, id).includes(consumer)) faults.push(`${showName(name)} does not need its consumer`);
      if (kinds[id] !== LONGRUN || kinds[consumer] !== LONGRUN)
        faults.push(`${showName(name)} is in a pipeline with what is no longrun`);
    }
  }
  return faults;
}

function faultsOfOrder({ names, needs, wants, after }: Database): string[] {
  const edges = union(names.length, [needs, wants, after]);
  if (edges.targets.length === 0) return [];
  const ownEdge = nodesOf(edges).some((id) => targetsOf(edges, id).includes(id));
  return ownEdge || components(edges).count !== names.length ? ['services wait for each other in a circle'] : [];
}

function faultsOfDefinitions(database: Database, { encode, digest }: DefinitionEncoding): string[] {
  const faults: string[] = [];
  for (const id of everyService(database)) {
    const name = showName(nameOf(database, id));
    try {
      const definition = database.definition(id);
      const fault = faultOfDefinition(database, id, definition);
      if (fault !== null) faults.push(`the definition of ${name} is not as it should be: ${fault}`);
      const hash = digest(encode(definition));
      if (hash.some((byte, i) => byte !== database.contentHashes[id * hash.length + i]))
        faults.push(`the content hash of ${name} is not that of its content`);
    } catch (error) {
      faults.push(`the definition of ${name} cannot be read: ${error instanceof Error ? error.message : error}`);
    }
  }
  return faults;
}

function sameEdges(a: Edges<ServiceId>, b: Edges<ServiceId>): boolean {
  return sameNumbers(a.offsets, b.offsets) && sameNumbers(a.targets, b.targets);
}

function sameNumbers(a: Uint32Array, b: Uint32Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
