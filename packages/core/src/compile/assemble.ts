/** From parsed services and edges to a database. */
import { type Edges, reversed, targetsOf } from '../graph/edges.ts';
import { CONTENT_HASH_SIZE } from '../model/content-hash.ts';
import { type BundleIndex, bundleIndex, entryOf, FLAG, type ServiceId } from '../model/database.ts';
import type { Definition } from '../model/definition.ts';
import type { DefinitionEncoding } from '../model/definition-encoding.ts';
import { DefinitionPacker, type PackedDatabase } from '../model/packed-definitions.ts';
import type { TemplateTable } from '../model/template.ts';
import { hasOwnLogger } from './loggers.ts';
import type { ParsedBundle, ParsedService } from './parsed.ts';
import type { Relations } from './relations.ts';

export interface Parts {
  readonly services: readonly ParsedService[];
  readonly bundles: readonly ParsedBundle[];
  readonly relations: Relations;
  readonly bundleMembers: Edges<BundleIndex, ServiceId>;
  readonly flags: Uint8Array;
  readonly templates: TemplateTable;
}

export function assemble(parts: Parts, { encode, digest }: DefinitionEncoding): PackedDatabase {
  const { services, bundles, relations, bundleMembers, flags, templates } = parts;
  const count = services.length;
  const packer = new DefinitionPacker(count);
  const contentHashes = new Uint8Array(count * CONTENT_HASH_SIZE);
  services.forEach((service, id) => {
    const encoded = encode(service.definition);
    packer.add(encoded);
    contentHashes.set(digest(encoded), id * CONTENT_HASH_SIZE);
  });
  const packed = packer.finish();
  const { needs, wants, after, producerFor } = relations;
  return {
    names: services.map(({ name }) => name),
    kinds: new Uint8Array(services.map(({ kind }) => kind)),
    flags,
    timeoutUp: new Uint32Array(services.map(({ timeoutUp }) => timeoutUp)),
    timeoutDown: new Uint32Array(services.map(({ timeoutDown }) => timeoutDown)),
    onUpdate: new Uint8Array(services.map(({ onUpdate }) => onUpdate)),
    needs,
    needsOnRestart: relations.needsOnRestart,
    neededBy: reversed(needs, count),
    wants,
    wantedBy: reversed(wants, count),
    after,
    before: reversed(after, count),
    conflicts: relations.conflicts,
    producerFor,
    consumerFor: reversed(producerFor, count),
    bundleNames: bundles.map(({ name }) => name),
    bundleMembers,
    descriptions: services.map(({ description }) => description),
    bundleDescriptions: bundles.map(({ description }) => description),
    renamedFrom: services.map(({ renamedFrom }) => renamedFrom.map(({ name }) => name)),
    contentHashes,
    templates,
    definition: (id) => entryOf(services, id).definition,
    packed,
  };
}

/** A bundle's flags hold for all that is in it; what a definition says of readiness is kept at hand as a flag. */
export function flagsWithBundles(
  services: readonly ParsedService[],
  bundles: readonly ParsedBundle[],
  {
    bundleMembers,
    producerFor,
  }: { readonly bundleMembers: Edges<BundleIndex, ServiceId>; readonly producerFor: Edges<ServiceId> },
): Uint8Array {
  const flags = new Uint8Array(services.map(({ flags, definition }) => flags | readinessFlag(definition)));
  bundles.forEach((bundle, i) => {
    if (bundle.flags === 0) return;
    for (const id of targetsOf(bundleMembers, bundleIndex(i))) {
      flags[id]! |= bundle.flags;
      // A logger that its definition made is not in the bundle, and is as essential as what it logs.
      if (hasOwnLogger(entryOf(services, id)))
        for (const logger of targetsOf(producerFor, id)) flags[logger]! |= bundle.flags;
    }
  });
  return flags;
}

export function readinessFlag(definition: Definition): number {
  if (definition.type === 'oneshot') return 0;
  const { notificationFd, readyCheck, readyAfter } = definition;
  return notificationFd === null && readyCheck === null && readyAfter === null ? 0 : FLAG.readiness;
}
