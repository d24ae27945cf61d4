/** A database's services and bundles as data: the shape of `rc-db show` and `rc-db dump`. */
import { type Edges, targetsOf } from '@muster/core/graph/edges';
import { contentHashOf } from '@muster/core/model/content-hash';
import {
  type BundleIndex,
  type Database,
  hasFlag,
  ON_DEPENDENCY_RESTART,
  ON_UPDATE,
  type ServiceId,
} from '@muster/core/model/database';
import type { Command, Longrun } from '@muster/core/model/definition';

/** Bytes that are not UTF-8 are given in base64. */
export type Text = string | { readonly base64: string };

export function serviceAsData(database: Database, id: ServiceId) {
  const names = (edges: Edges<ServiceId>) => Array.from(targetsOf(edges, id), (other) => database.names[other]!);
  const definition = database.definition(id);
  return {
    name: database.names[id]!,
    type: definition.type,
    description: database.descriptions[id]!,
    essential: hasFlag(database, id, 'essential'),
    recommended: hasFlag(database, id, 'recommended'),
    manual: hasFlag(database, id, 'manual'),
    console: hasFlag(database, id, 'console'),
    timeoutUp: database.timeoutUp[id]!,
    timeoutDown: database.timeoutDown[id]!,
    dependencies: names(database.needs),
    dependents: names(database.neededBy),
    wants: names(database.wants),
    after: names(database.after),
    before: names(database.before),
    conflicts: names(database.conflicts),
    ignoresRestartOf: ignored(database, id, 'ignore'),
    reloadsOnRestartOf: ignored(database, id, 'reload'),
    up: definition.type === 'oneshot' ? argvOf(definition.up) : null,
    down: definition.type === 'oneshot' ? argvOf(definition.down) : null,
    reload: definition.type === 'oneshot' && definition.reload !== null ? argvOf(definition.reload) : null,
    producerFor: names(database.producerFor)[0] ?? null,
    consumerFor: names(database.consumerFor),
    pipeline: pipelineOf(database, id).map((other) => database.names[other]!),
    onUpdate: ON_UPDATE[database.onUpdate[id]!]!,
    renamedFrom: database.renamedFrom[id]!,
    instance: definition.instance,
    hash: Buffer.from(contentHashOf(database, id)).toString('hex'),
    ...(definition.type === 'longrun' ? { supervision: supervisionOf(definition) } : {}),
  };
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
    name: database.bundleNames[index]!,
    type: 'bundle' as const,
    description: database.bundleDescriptions[index]!,
    contents: Array.from(targetsOf(database.bundleMembers, index), (id) => database.names[id]!),
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
function argvOf(command: Command): Text[] | { readonly script: Text } {
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
