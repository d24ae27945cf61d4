/**
 * The database file, version 2. docs/database-format.md describes it for people.
 *
 *     0   magic, 8 bytes
 *     8   version
 *     12  number of services
 *     16  number of bundles
 *     20  number of sections
 *     24  length of the file, 64 bits
 *     32  SHA-256 of everything before and behind it
 *     64  section table: offset and length of each, in bytes
 *     …   sections, each at a multiple of 8, in the order of `SECTIONS`, zeros between them
 *
 * Integers are 32 bits wide unless said otherwise, least significant byte first. Every section's content follows from
 * the definitions alone, and there is one way to write it: the same source gives the same bytes.
 */

export const MAGIC = new Uint8Array([0x4d, 0x55, 0x53, 0x54, 0x45, 0x52, 0x44, 0x42]);
export const VERSION = 2;

export const OFFSET = { version: 8, services: 12, bundles: 16, sections: 20, length: 24, hash: 32 } as const;
export const HASH_SIZE = 32;
export const HEADER_SIZE = 64;
const ALIGNMENT = 8;

/** Edge lists: each has a section of offsets and one of targets. */
export const EDGES = [
  'needs',
  'neededBy',
  'wants',
  'wantedBy',
  'after',
  'before',
  'conflicts',
  'producerFor',
  'consumerFor',
] as const;

export const SECTIONS = [
  'names',
  'kinds',
  'flags',
  'onUpdate',
  'timeoutUp',
  'timeoutDown',
  ...EDGES.flatMap((edges) => [`${edges}.offsets`, `${edges}.targets`] as const),
  'needsOnRestart',
  'bundleNames',
  'bundleMembers.offsets',
  'bundleMembers.targets',
  'descriptions',
  'bundleDescriptions',
  'renamedFrom.offsets',
  'renamedFrom.names',
  'contentHashes',
  'definitions.offsets',
  'definitions.bytes',
  'templateNames',
  'templateFlags',
  'templateInstances.offsets',
  'templateInstances.targets',
  'templates.offsets',
  'templates.bytes',
] as const;

export type Section = (typeof SECTIONS)[number];

export const FIRST_SECTION = HEADER_SIZE + SECTIONS.length * 8;

export function aligned(offset: number): number {
  return Math.ceil(offset / ALIGNMENT) * ALIGNMENT;
}
