/**
 * The sections of a database file: where each is, and its numbers and texts, each held to its range and order. Columns and edges
 * are views into the file; a definition is decoded, and held to what a compiler promises of it, when it is asked for.
 */
import { faultOfDefinition, faultOfTemplate } from '@muster/core/compile/definition-faults';
import { compareNames, showName } from '@muster/core/compile/names';
import { CODES } from '@muster/core/diagnostics/codes';
import type { Diagnostic } from '@muster/core/diagnostics/diagnostic';
import { columnOf } from '@muster/core/graph/column';
import type { Edges } from '@muster/core/graph/edges';
import { present } from '@muster/core/invariant';
import { CONTENT_HASH_SIZE, contentHashOf, isSameHash } from '@muster/core/model/content-hash';
import { entryOf, FLAG, ON_DEPENDENCY_RESTART, ON_UPDATE, type ServiceId } from '@muster/core/model/database';
import { type PackedDatabase, packedDefinition } from '@muster/core/model/packed-definitions';
import type { TemplateTable } from '@muster/core/model/template';
import { decodeDefinition, decodeTemplate } from './definition-encoding.ts';
import { aligned, type EDGES, FIRST_SECTION, HEADER_SIZE, OFFSET, SECTIONS, type Section } from './format.ts';
import { digest } from './hash.ts';

/** A section is not what a compiler writes. The message says which, and how. */
export class Malformed extends Error {}

/** What only shows when it is asked for: a definition that no compiler writes, behind a checksum that is right. */
class MalformedDefinition extends Error {
  readonly diagnostic: Diagnostic;

  constructor(name: string, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause));
    this.diagnostic = {
      code: CODES['malformed-definition'],
      severity: 'error',
      message: `the database is malformed: the definition of ${showName(name)} cannot be read: ${this.message}`,
      notes: [],
      hint: 'compile it again; rc-db check says all that is wrong with it',
    };
  }
}

function must(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Malformed(message);
}

const ALL_FLAGS = Object.values(FLAG).reduce((all, flag) => all | flag, 0);

export class Sections {
  readonly #file: Uint8Array;
  readonly #view: DataView;
  readonly #places = new Map<Section, { offset: number; length: number }>();
  readonly #services: number;
  readonly #bundles: number;
  readonly #isChecked: boolean;

  /** `isChecked`: range and order of these very bytes are known to be right. Throws Malformed. */
  constructor(file: Uint8Array, view: DataView, { isChecked }: { readonly isChecked: boolean }) {
    this.#file = file;
    this.#view = view;
    this.#isChecked = isChecked;
    this.#services = view.getUint32(OFFSET.services, true);
    this.#bundles = view.getUint32(OFFSET.bundles, true);
    must(view.getUint32(OFFSET.sections, true) === SECTIONS.length, 'it has another number of sections');
    this.#readTable();
  }

  #readTable(): void {
    let end = FIRST_SECTION;
    must(this.#file.length >= end, 'its section table is cut off');
    SECTIONS.forEach((section, i) => {
      const offset = this.#view.getUint32(HEADER_SIZE + i * 8, true);
      const length = this.#view.getUint32(HEADER_SIZE + i * 8 + 4, true);
      must(offset === aligned(end) && offset + length <= this.#file.length, `section ${section} is out of place`);
      this.#places.set(section, { offset, length });
      end = offset + length;
    });
    must(aligned(end) === this.#file.length, 'it does not end where its sections end');
  }

  /** Throws Malformed. */
  database(): PackedDatabase {
    const services = this.#services;
    const names = this.#names('names', services);
    const bundleNames = this.#names('bundleNames', this.#bundles);
    const kinds = this.#bytes('kinds', services, 1);
    const flags = this.#bytes('flags', services, ALL_FLAGS);
    const onUpdate = this.#bytes('onUpdate', services, ON_UPDATE.length - 1);
    const between = (name: (typeof EDGES)[number]) => this.#edges<ServiceId, ServiceId>(name, services, services);
    const [needs, neededBy, wants, wantedBy, after, before, conflicts, producerFor, consumerFor] = [
      between('needs'),
      between('neededBy'),
      between('wants'),
      between('wantedBy'),
      between('after'),
      between('before'),
      between('conflicts'),
      between('producerFor'),
      between('consumerFor'),
    ];
    const packed = {
      offsets: this.#offsets('definitions.offsets', services, this.#place('definitions.bytes').length),
      bytes: this.#section('definitions.bytes'),
    };
    const renamedOffsets = this.#numbers('renamedFrom.offsets', services + 1);
    const renamedNames = this.#strings('renamedFrom.names', renamedOffsets.at(-1) ?? 0);
    this.#checkOffsets('renamedFrom.offsets', renamedOffsets, renamedNames.length);
    const contentHashes = this.#bytes('contentHashes', services * CONTENT_HASH_SIZE, 255);
    return {
      names,
      kinds,
      flags,
      onUpdate,
      timeoutUp: this.#numbers('timeoutUp', services),
      timeoutDown: this.#numbers('timeoutDown', services),
      needs,
      needsOnRestart: this.#bytes('needsOnRestart', needs.targets.length, ON_DEPENDENCY_RESTART.length - 1),
      neededBy,
      wants,
      wantedBy,
      after,
      before,
      conflicts,
      producerFor,
      consumerFor,
      bundleNames,
      bundleMembers: this.#edges('bundleMembers', this.#bundles, services),
      descriptions: this.#strings('descriptions', services),
      bundleDescriptions: this.#strings('bundleDescriptions', this.#bundles),
      renamedFrom: Array.from({ length: services }, (_, id) =>
        renamedOffsets[id] === renamedOffsets[id + 1]
          ? NO_NAMES
          : renamedNames.slice(renamedOffsets[id], renamedOffsets[id + 1]),
      ),
      contentHashes,
      templates: this.#templates(),
      definition(id) {
        try {
          const bytes = packedDefinition(packed, id);
          must(isSameHash(digest(bytes), contentHashOf({ contentHashes }, id)), 'its content has another hash');
          const definition = decodeDefinition(bytes);
          const fault = faultOfDefinition({ names, kinds, flags }, id, definition);
          must(fault === null, fault ?? '');
          return definition;
        } catch (error) {
          throw new MalformedDefinition(entryOf(names, id), error);
        }
      },
      packed,
    };
  }

  #templates(): TemplateTable {
    const count = this.#place('templates.offsets').length / 4 - 1;
    must(Number.isInteger(count) && count >= 0, 'section templates.offsets has the wrong length');
    const names = this.#names('templateNames', count);
    const flags = this.#bytes('templateFlags', count, ALL_FLAGS);
    const offsets = this.#offsets('templates.offsets', count, this.#place('templates.bytes').length);
    const bytes = this.#section('templates.bytes');
    return {
      names,
      flags,
      instances: this.#edges('templateInstances', count, this.#services),
      template(index) {
        try {
          const template = decodeTemplate(bytes.subarray(offsets[index], offsets[index + 1]));
          const fault = faultOfTemplate({ names, flags }, index, template);
          must(fault === null, fault ?? '');
          return template;
        } catch (error) {
          throw new MalformedDefinition(entryOf(names, index), error);
        }
      },
    };
  }

  #place(section: Section): { offset: number; length: number } {
    return present(this.#places.get(section), 'the table has been read, which has a place for each section');
  }

  #section(section: Section): Uint8Array {
    const { offset, length } = this.#place(section);
    return this.#file.subarray(offset, offset + length);
  }

  #bytes(section: Section, count: number, largest: number): Uint8Array {
    const bytes = this.#section(section);
    must(bytes.length === count, `section ${section} has the wrong length`);
    if (largest < 255 && !this.#isChecked && bytes.some((byte) => byte > largest))
      throw new Malformed(`section ${section} holds too much`);
    return bytes;
  }

  #numbers(section: Section, count: number): Uint32Array {
    const { offset, length } = this.#place(section);
    must(length === count * 4, `section ${section} has the wrong length`);
    return new Uint32Array(this.#file.buffer, this.#file.byteOffset + offset, count);
  }

  #offsets(section: Section, rows: number, end: number): Uint32Array {
    const offsets = this.#numbers(section, rows + 1);
    this.#checkOffsets(section, offsets, end);
    return offsets;
  }

  #checkOffsets(section: Section, offsets: Uint32Array, end: number): void {
    if (this.#isChecked) return;
    must(offsets[0] === 0 && offsets[offsets.length - 1] === end, `section ${section} does not cover its targets`);
    let last = 0;
    for (const offset of offsets) {
      if (offset < last) throw new Malformed(`section ${section} is not in order`);
      last = offset;
    }
  }

  #edges<From extends number, To extends number>(
    name: (typeof EDGES)[number] | 'bundleMembers' | 'templateInstances',
    sources: number,
    nodes: number,
  ): Edges<From, To> {
    const { length } = this.#place(`${name}.targets`);
    must(length % 4 === 0, `section ${name}.targets has the wrong length`);
    const targets = this.#numbers(`${name}.targets`, length / 4);
    const offsets = this.#offsets(`${name}.offsets`, sources, targets.length);
    if (this.#isChecked) return { offsets, targets: columnOf(targets) };
    // Offsets that have been checked lie within the targets. A statement for each would be the larger part of this loop.
    for (let source = 0; source < sources; source++) {
      let least = 0;
      for (let at = offsets[source]!; at < offsets[source + 1]!; at++) {
        const target = targets[at]!;
        if (target < least || target >= nodes) {
          throw new Malformed(`section ${name}.targets has a target that is out of range`);
        }
        least = target + 1;
      }
    }
    return { offsets, targets: columnOf(targets) };
  }

  #strings(section: Section, count: number): string[] {
    const bytes = this.#section(section);
    if (count === 0) {
      must(bytes.length === 0, `section ${section} has the wrong length`);
      return [];
    }
    must(bytes[bytes.length - 1] === 0, `section ${section} is cut off`);
    let text: string;
    try {
      text = UTF8.decode(bytes.subarray(0, -1));
    } catch {
      throw new Malformed(`section ${section} is not UTF-8`);
    }
    const texts = text.split('\0');
    must(texts.length === count, `section ${section} holds another number of texts`);
    return texts;
  }

  #names(section: Section, count: number): string[] {
    const names = this.#strings(section, count);
    if (this.#isChecked) return names;
    let last = '';
    for (const name of names) {
      if (name === '') throw new Malformed(`section ${section} has an empty name`);
      if (compareNames(last, name) >= 0) throw new Malformed(`section ${section} is not in order`);
      last = name;
    }
    return names;
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const NO_NAMES: readonly string[] = [];
