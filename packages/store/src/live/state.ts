/**
 * The state file: what is wanted of every service of one database, and what was last done to it. A head of 64 bytes, then
 * a record for each service id (record-codec.ts). Each write is one pwrite; readers take no lock.
 */
import { closeSync, constants, writeFileSync, writeSync } from 'node:fs';
import type { Records } from '@muster/core/execute/ports';
import { invariant } from '@muster/core/invariant';
import { CONTENT_HASH_SIZE } from '@muster/core/model/content-hash';
import { type ServiceId, serviceId } from '@muster/core/model/database';
import { BLANK_RECORD, type LastTransition, type ServiceRecord, type Wanted } from '@muster/core/model/record';
import { type Mapping, mapFile } from '@muster/posix/mapping';
import { openRegular } from '@muster/posix/regular-file';
import { Damaged } from './problem.ts';
import {
  isMissed,
  isOfOtherDefinition,
  lastTransitionMark,
  RECORD_SIZE,
  RecordBuffer,
  WISH_SIZE,
} from './record-codec.ts';

const MAGIC = 'muster state 1\n';
/** Bytes before the first record. */
export const STATE_HEAD = 64;
/** Permissions of the file: who may look at the live directory reads it. */
export const STATE_MODE = 0o644;
/** A writer is done with 64 bytes long before a reader has tried this often. */
const MOST_READS = 1000;

/** Makes a state file in which nothing has been done yet. */
export function createState(path: string, services: number): void {
  writeFileSync(path, encodeState(new Array<ServiceRecord>(services).fill(BLANK_RECORD)), { mode: STATE_MODE });
}

/** Makes a state file with these records, by service id. */
export function createStateFrom(path: string, records: readonly ServiceRecord[]): void {
  writeFileSync(path, encodeState(records), { mode: STATE_MODE });
}

/** The bytes of such a file. */
export function encodeState(records: readonly ServiceRecord[]): Uint8Array {
  const bytes = new Uint8Array(STATE_HEAD + records.length * RECORD_SIZE);
  bytes.set(Buffer.from(MAGIC));
  new DataView(bytes.buffer).setUint32(STATE_HEAD - 4, records.length, true);
  const record = new RecordBuffer();
  let last: ServiceRecord | null = null;
  for (const [id, next] of records.entries()) {
    if (next !== last) {
      record.encodeWish(next);
      record.encodeLastTransition(next);
      last = next;
    }
    bytes.set(record.bytes, STATE_HEAD + id * RECORD_SIZE);
  }
  return bytes;
}

/** The state file is not one, or belongs to another database. */
export class StateDamaged extends Damaged {
  override readonly name = 'StateDamaged';
}

/** Records of services that are not the database's own: in a file of its own, in places that are not in the order of ids. */
export interface MoreRecords {
  readonly path: string;
  /** By service id, from the first that the database does not have. */
  readonly slots: readonly number[];
}

/** One file of records. */
interface RecordsFile {
  readonly path: string;
  bytes: Uint8Array;
  readonly mapping: Mapping | null;
  writing: number | null;
}

/** Reading is looking into memory that the kernel shares with the file, so it costs no call. */
export class StateFile implements Records {
  readonly #services: number;
  readonly #main: RecordsFile;
  readonly #more: RecordsFile | null;
  readonly #slots: readonly number[];
  /** The marks that this process wrote last, and what they were before. */
  readonly #own = new Map<ServiceId, { readonly before: number; readonly written: number }>();
  readonly #read = new RecordBuffer();
  readonly #write = new RecordBuffer();

  /** Throws StateDamaged if the file is not the state of a database with so many services. */
  constructor(path: string, services: number, more: MoreRecords = NO_MORE, blank?: Uint8Array) {
    this.#services = services;
    this.#slots = more.slots;
    this.#main = blank === undefined ? mapped(path) : { path, bytes: blank, mapping: null, writing: null };
    this.#more = more.slots.length === 0 ? null : mapped(more.path);
    const problem = problemWith(this.#main.bytes, services);
    if (problem === null) return;
    this.close();
    throw new StateDamaged(path, problem);
  }

  /** What it was when it was made, for looking: nothing has been done yet. */
  static blank(path: string, services: number): StateFile {
    const records = encodeState(new Array<ServiceRecord>(services).fill(BLANK_RECORD));
    return new StateFile(path, services, NO_MORE, records);
  }

  read(service: ServiceId): ServiceRecord {
    const file = this.#fileOf(service);
    const at = this.#placeOf(service);
    for (let reads = 0; reads < MOST_READS && at + RECORD_SIZE <= file.bytes.length; reads++) {
      // A copy, so that what was checked is what is decoded.
      this.#read.bytes.set(file.bytes.subarray(at, at + RECORD_SIZE));
      const record = this.#read.decode();
      if (record !== null) return record;
    }
    throw new StateDamaged(file.path, `the record of service ${service} has a wrong checksum`);
  }

  /** Every record, by service id. */
  readAll(): ServiceRecord[] {
    return Array.from({ length: this.#count }, (_, id) => this.read(serviceId(id)));
  }

  /**
   * Whether anything that was brought up last was started from another definition than that in `contentHashes`, 32 bytes
   * a service. Only for who keeps others from changing anything.
   */
  hasOtherDefinitions(contentHashes: Uint8Array): boolean {
    for (let index = 0; index < this.#count; index++) {
      const service = serviceId(index);
      const { bytes } = this.#fileOf(service);
      if (isOfOtherDefinition(bytes, this.#placeOf(service), contentHashes, service * CONTENT_HASH_SIZE)) return true;
    }
    return false;
  }

  /** Whether anything is wanted whose last start did not succeed. Only for who keeps others from changing anything. */
  hasMissed(): boolean {
    for (let index = 0; index < this.#count; index++) {
      const service = serviceId(index);
      if (isMissed(this.#fileOf(service).bytes, this.#placeOf(service))) return true;
    }
    return false;
  }

  /** Another number after each transition that another process wrote; those of this one leave it as it is. */
  markOf(service: ServiceId): number {
    const mark = lastTransitionMark(this.#fileOf(service).bytes, this.#placeOf(service));
    const own = this.#own.get(service);
    return own?.written === mark ? own.before : mark;
  }

  wish(service: ServiceId, wanted: Wanted): void {
    this.#write.encodeWish({ wanted, wantedBy: process.pid });
    this.#writeAt(service, 0, WISH_SIZE);
  }

  write(service: ServiceId, last: LastTransition): void {
    const before = this.markOf(service);
    this.#write.encodeLastTransition(last);
    this.#own.set(service, { before, written: lastTransitionMark(this.#write.bytes, 0) });
    this.#writeAt(service, WISH_SIZE, RECORD_SIZE);
  }

  /** What is read afterwards is what was there last: a server opens these files again and again. */
  close(): void {
    for (const file of [this.#main, this.#more]) {
      if (file === null) continue;
      if (file.writing !== null) closeSync(file.writing);
      file.writing = null;
      if (file.mapping === null) continue;
      file.bytes = file.bytes.slice();
      file.mapping.close();
    }
  }

  get #count(): number {
    return this.#services + this.#slots.length;
  }

  #fileOf(service: ServiceId): RecordsFile {
    return service < this.#services || this.#more === null ? this.#main : this.#more;
  }

  #placeOf(service: ServiceId): number {
    const slot = service < this.#services ? service : this.#slots[service - this.#services];
    invariant(slot !== undefined, 'a record is asked for by the id of a service');
    return STATE_HEAD + slot * RECORD_SIZE;
  }

  /** The bytes from `start` to `end` of what is to be written, to their place. */
  #writeAt(service: ServiceId, start: number, end: number): void {
    const file = this.#fileOf(service);
    file.writing ??= openRegular(file.path, { flags: constants.O_WRONLY }).descriptor;
    writeSync(file.writing, this.#write.bytes, start, end - start, this.#placeOf(service) + start);
  }
}

const NO_MORE: MoreRecords = { path: '', slots: [] };

function mapped(path: string): RecordsFile {
  const mapping = mapFile(path);
  return { path, bytes: mapping.bytes, mapping, writing: null };
}

function problemWith(bytes: Uint8Array, services: number): string | null {
  const magic = Buffer.from(MAGIC);
  if (bytes.length < STATE_HEAD || !magic.every((byte, at) => bytes[at] === byte)) return 'this is not a state file';
  const has = new DataView(bytes.buffer, bytes.byteOffset).getUint32(STATE_HEAD - 4, true);
  if (has !== services) return `it has ${has} services, the database ${services}`;
  return bytes.length === STATE_HEAD + services * RECORD_SIZE ? null : 'it is cut off';
}
