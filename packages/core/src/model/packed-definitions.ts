/** Definitions of many services as one run of bytes. */
import { type Database, everyService, type ServiceId } from './database.ts';
import type { DefinitionEncoding } from './definition-encoding.ts';

export interface PackedDefinitions {
  readonly bytes: Uint8Array;
  /** Service `i` has `bytes[offsets[i] … offsets[i + 1] - 1]`. */
  readonly offsets: Uint32Array;
}

/** A database whose definitions are at hand as bytes. */
export interface PackedDatabase extends Database {
  readonly packed: PackedDefinitions;
}

export class DefinitionPacker {
  #bytes = new Uint8Array(1 << 16);
  #length = 0;
  readonly #offsets: Uint32Array;
  #count = 0;

  constructor(services: number) {
    this.#offsets = new Uint32Array(services + 1);
  }

  /** Throws RangeError if all definitions together have 4 GiB or more. */
  add(encoded: Uint8Array): void {
    const end = this.#length + encoded.length;
    if (end > 0xffffffff) throw new RangeError('the definitions are larger than 4 GiB');
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(end, Math.min(this.#bytes.length * 2, 0xffffffff)));
      grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
    }
    this.#bytes.set(encoded, this.#length);
    this.#length = end;
    this.#offsets[++this.#count] = end;
  }

  finish(): PackedDefinitions {
    return { bytes: this.#bytes.subarray(0, this.#length), offsets: this.#offsets };
  }
}

/** The packed definitions of any database: those that it has, or else as `encoding` makes them. */
export function packedDefinitionsOf(database: Database, { encode }: DefinitionEncoding): PackedDefinitions {
  if (isPacked(database)) return database.packed;
  const packer = new DefinitionPacker(database.names.length);
  for (const id of everyService(database)) packer.add(encode(database.definition(id)));
  return packer.finish();
}

function isPacked(database: Database): database is PackedDatabase {
  return 'packed' in database;
}

/** The bytes of one: a view. */
export function packedDefinition({ bytes, offsets }: PackedDefinitions, id: ServiceId): Uint8Array {
  return bytes.subarray(offsets[id], offsets[id + 1]);
}
