/** A database as bytes: the other way of decode.ts, in the form of format.ts. */

import { present } from '@muster/core/invariant';
import type { Database } from '@muster/core/model/database';
import { DefinitionPacker, type PackedDefinitions, packedDefinitionsOf } from '@muster/core/model/packed-definitions';
import { everyTemplate, type TemplateTable } from '@muster/core/model/template';
import { definitionEncoding, encodeTemplate } from './definition-encoding.ts';
import {
  aligned,
  EDGES,
  FIRST_SECTION,
  HEADER_SIZE,
  MAGIC,
  OFFSET,
  SECTIONS,
  type Section,
  VERSION,
} from './format.ts';
import { hashOf } from './hash.ts';

type Content = Uint8Array | Uint32Array;

export interface EncodedDatabase {
  readonly bytes: Uint8Array;
  /** Hexadecimal. */
  readonly hash: string;
}

/** Throws RangeError if it would have 4 GiB or more. */
export function encode(database: Database): EncodedDatabase {
  const sections = sectionsOf(database);
  const contents = SECTIONS.map((section) => present(sections.get(section), `there is no section ${section}`));
  let length = FIRST_SECTION;
  for (const content of contents) length = aligned(length) + content.byteLength;
  length = aligned(length);
  if (length > 0xffffffff) throw new RangeError('the database is larger than 4 GiB');

  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  view.setUint32(OFFSET.version, VERSION, true);
  view.setUint32(OFFSET.services, database.names.length, true);
  view.setUint32(OFFSET.bundles, database.bundleNames.length, true);
  view.setUint32(OFFSET.sections, SECTIONS.length, true);
  view.setBigUint64(OFFSET.length, BigInt(length), true);
  let offset = FIRST_SECTION;
  contents.forEach((content, i) => {
    offset = aligned(offset);
    view.setUint32(HEADER_SIZE + i * 8, offset, true);
    view.setUint32(HEADER_SIZE + i * 8 + 4, content.byteLength, true);
    bytes.set(new Uint8Array(content.buffer, content.byteOffset, content.byteLength), offset);
    offset += content.byteLength;
  });
  const hash = hashOf(bytes);
  bytes.set(hash, OFFSET.hash);
  return { bytes, hash: Buffer.from(hash).toString('hex') };
}

function sectionsOf(database: Database): Map<Section, Content> {
  const packed = packedDefinitionsOf(database, definitionEncoding);
  const renamed = renamedFromOf(database);
  const templates = packedTemplatesOf(database.templates);
  const sections = new Map<Section, Content>([
    ['names', strings(database.names)],
    ['kinds', database.kinds],
    ['flags', database.flags],
    ['onUpdate', database.onUpdate],
    ['timeoutUp', database.timeoutUp],
    ['timeoutDown', database.timeoutDown],
    ['needsOnRestart', database.needsOnRestart],
    ['bundleNames', strings(database.bundleNames)],
    ['bundleMembers.offsets', database.bundleMembers.offsets],
    ['bundleMembers.targets', database.bundleMembers.targets],
    ['descriptions', strings(database.descriptions)],
    ['bundleDescriptions', strings(database.bundleDescriptions)],
    ['renamedFrom.offsets', renamed.offsets],
    ['renamedFrom.names', renamed.names],
    ['contentHashes', database.contentHashes],
    ['definitions.offsets', packed.offsets],
    ['definitions.bytes', packed.bytes],
    ['templateNames', strings(database.templates.names)],
    ['templateFlags', database.templates.flags],
    ['templateInstances.offsets', database.templates.instances.offsets],
    ['templateInstances.targets', database.templates.instances.targets],
    ['templates.offsets', templates.offsets],
    ['templates.bytes', templates.bytes],
  ]);
  for (const edges of EDGES) {
    sections.set(`${edges}.offsets`, database[edges].offsets);
    sections.set(`${edges}.targets`, database[edges].targets);
  }
  return sections;
}

function packedTemplatesOf(templates: TemplateTable): PackedDefinitions {
  const packer = new DefinitionPacker(templates.names.length);
  for (const index of everyTemplate(templates)) packer.add(encodeTemplate(templates.template(index)));
  return packer.finish();
}

/** Each ended by a NUL. */
function strings(texts: readonly string[]): Uint8Array {
  return new TextEncoder().encode(texts.length === 0 ? '' : `${texts.join('\0')}\0`);
}

function renamedFromOf(database: Database): { offsets: Uint32Array; names: Uint8Array } {
  const offsets = new Uint32Array(database.names.length + 1);
  let end = 0;
  database.renamedFrom.forEach((names, id) => {
    end += names.length;
    offsets[id + 1] = end;
  });
  return { offsets, names: strings(database.renamedFrom.flat()) };
}
