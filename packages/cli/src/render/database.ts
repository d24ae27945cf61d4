/** A database's services and bundles as data: the shape of `rc-db show` and `rc-db dump`. */
import { type Edges, targetsOf } from '@muster/core/graph/edges';
import { contentHashOf } from '@muster/core/model/content-hash';
import {
  type BundleIndex,
  type Database,
  entryOf,
  FLAG,
  hasFlag,
  nameOf,
  ON_DEPENDENCY_RESTART,
  ON_UPDATE,
  type ServiceId,
} from '@muster/core/model/database';
import type { Definition, Longrun, OneshotCommand } from '@muster/core/model/definition';
import type { TemplateIndex } from '@muster/core/model/template';

/** Bytes that are not UTF-8 are given in base64. */
export type Text = string | { readonly base64: string };

export function serviceAsData(database: Database, id: ServiceId) {
  const names = (edges: Edges<ServiceId>) => [...targetsOf(edges, id)].map((other) => nameOf(database, other));
  const definition = database.definition(id);
  return {
    name: nameOf(database, id),
    type: definition.type,
    description: entryOf(database.descriptions, id),
    essential: hasFlag(database, id, 'essential'),
    recommended: hasFlag(database, id, 'recommended'),
    manual: hasFlag(database, id, 'manual'),
    console: hasFlag(database, id, 'console'),
    timeoutUp: entryOf(database.timeoutUp, id),
    timeoutDown: entryOf(database.timeoutDown, id),
    dependencies: names(database.needs),
    dependents: names(database.neededBy),
    wants: names(database.wants),
    after: names(database.after),
    before: names(database.before),
    conflicts: names(database.conflicts),
    ignoresRestartOf: ignored(database, id, 'ignore'),
    reloadsOnRestartOf: ignored(database, id, 'reload'),
    ...commandsOf(definition),
    producerFor: names(database.producerFor)[0] ?? null,
    consumerFor: names(database.consumerFor),
    pipeline: pipelineOf(database, id).map((other) => nameOf(database, other)),
    onUpdate: ON_UPDATE[entryOf(database.onUpdate, id)]!,
    renamedFrom: entryOf(database.renamedFrom, id),
    instance: definition.instance,
    hash: Buffer.from(contentHashOf(database, id)).toString('hex'),
    ...(definition.type === 'longrun' ? { supervision: supervisionOf(definition) } : {}),
  };
}

function commandsOf(definition: Definition) {
  if (definition.type === 'longrun') return { up: null, down: null, reload: null };
  const { up, down, reload } = definition;
  return { up: argvOf(up), down: argvOf(down), reload: reload === null ? null : argvOf(reload) };
}

function supervisionOf(longrun: Longrun) {
  const {
    type: _type,
    instance: _instance,
    files,
    readyCheck,
    readyAfter,
    restart,
    process,
    logger,
    ...settings
  } = longrun;
  const links = files.flatMap((file) => (file.kind === 'link' ? [[file.path, file.target] as const] : []));
  return {
    ...settings,
    readyCheck,
    readyAfter,
    restart,
    process,
    logger,
    files: files.map(({ path }) => path),
    ...(links.length === 0 ? {} : { links: Object.fromEntries(links) }),
  };
}

export function bundleAsData(database: Database, index: BundleIndex) {
  return {
    name: entryOf(database.bundleNames, index),
    type: 'bundle' as const,
    description: entryOf(database.bundleDescriptions, index),
    contents: [...targetsOf(database.bundleMembers, index)].map((id) => nameOf(database, id)),
  };
}

/** As it was written: `%i` in it stands for the instance. */
export function templateAsData({ names, templates }: Database, index: TemplateIndex) {
  const template = templates.template(index);
  const { definition, dependencies, logger } = template;
  const named = (word: (typeof ON_DEPENDENCY_RESTART)[number]) =>
    dependencies.filter(({ onRestart }) => onRestart === word).map(({ name }) => name);
  const has = (flag: keyof typeof FLAG) => (templates.flags[index]! & FLAG[flag]) !== 0;
  return {
    name: templates.names[index]!,
    type: 'template' as const,
    of: definition.type,
    description: template.description,
    instances: Array.from(targetsOf(templates.instances, index), (id) => names[id]!),
    essential: has('essential'),
    recommended: has('recommended'),
    manual: has('manual'),
    console: has('console'),
    timeoutUp: template.timeoutUp,
    timeoutDown: template.timeoutDown,
    dependencies: dependencies.map(({ name }) => name),
    wants: template.wants,
    after: template.after,
    before: template.before,
    conflicts: template.conflicts,
    ignoresRestartOf: named('ignore'),
    reloadsOnRestartOf: named('reload'),
    ...commandsOf(definition),
    producerFor: template.producerFor,
    consumerFor: template.consumerFor,
    pipelineName: template.pipelineName,
    onUpdate: template.onUpdate,
    renamedFrom: template.renamedFrom,
    ...(definition.type === 'longrun' ? { supervision: supervisionOf(definition) } : {}),
    ...(logger === null ? {} : { logger: supervisionOf(logger) }),
  };
}

function ignored(database: Database, id: ServiceId, word: (typeof ON_DEPENDENCY_RESTART)[number]): string[] {
  const found: string[] = [];
  for (let at = database.needs.offsets[id]!; at < database.needs.offsets[id + 1]!; at++)
    if (ON_DEPENDENCY_RESTART[database.needsOnRestart[at]!] === word)
      found.push(database.names[database.needs.targets[at]!]!);
  return found;
}

/** An argument vector, or the whole text of a script. */
function argvOf(command: OneshotCommand): Text[] | { readonly script: Text } {
  return command.form === 'argv' ? command.argv.map(asText) : { script: asText(command.content) };
}

export function asText(bytes: Uint8Array): Text {
  try {
    return UTF8.decode(bytes);
  } catch {
    return { base64: Buffer.from(bytes).toString('base64') };
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Everything that the service's output or input flows through, producers before their consumers; none: no pipeline. */
export function pipelineOf(database: Database, id: ServiceId): ServiceId[] {
  const members = new Set([id]);
  for (const member of members)
    for (const edges of [database.producerFor, database.consumerFor])
      for (const other of targetsOf(edges, member)) members.add(other);
  if (members.size === 1) return [];
  const distance = (member: ServiceId): number => {
    let steps = 0;
    for (let next = targetsOf(database.producerFor, member)[0]; next !== undefined; steps++)
      next = targetsOf(database.producerFor, next)[0];
    return steps;
  };
  return [...members].sort((a, b) => distance(b) - distance(a) || a - b);
}
