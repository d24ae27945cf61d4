/**
 * The state file: what is wanted of every service of one database, and what was last done to it. A head of 64 bytes, then
 * a record for each service id (record-codec.ts). Each write is one pwrite; readers take no lock.
 */
import { closeSync, constants, writeFileSync, writeSync } from 'node:fs';
import type { Records } from '@muster/core/execute/ports';
import { CONTENT_HASH_SIZE } from '@muster/core/model/content-hash';
import { type ServiceId, serviceId } from '@muster/core/model/database';
import { BLANK_RECORD, type LastTransition, type ServiceRecord, type Wanted } from '@muster/core/model/record';
import { mapFile } from '@muster/posix/mapping';
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
const HEAD_SIZE = 64;
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
  const bytes = new Uint8Array(HEAD_SIZE + records.length * RECORD_SIZE);
  bytes.set(Buffer.from(MAGIC));
  new DataView(bytes.buffer).setUint32(HEAD_SIZE - 4, records.length, true);
  const record = new RecordBuffer();
  let last: ServiceRecord | null = null;
  for (const [id, next] of records.entries()) {
    if (next !== last) {
      record.encodeWish(next);
      record.encodeLastTransition(next);
      last = next;
    }
    bytes.set(record.bytes, HEAD_SIZE + id * RECORD_SIZE);
  }
  return bytes;
}

/** The state file is not one, or belongs to another database. */
export class StateDamaged extends Damaged {
  override readonly name = 'StateDamaged';
}

/** Reading is looking into memory that the kernel shares with the file, so it costs no call. */
export class StateFile implements Records {
  readonly #path: string;
  readonly #services: number;
  readonly #bytes: Uint8Array;
  #writing: number | null = null;
  /** The marks that this process wrote last, and what they were before. */
  readonly #own = new Map<ServiceId, { readonly before: number; readonly written: number }>();
  readonly #read = new RecordBuffer();
  readonly #write = new RecordBuffer();

  /** Throws StateDamaged if the file is not the state of a database with so many services. */
  constructor(path: string, services: number, bytes = mapFile(path)) {
    this.#path = path;
    this.#services = services;
    this.#bytes = bytes;
    const problem = problemWith(this.#bytes, services);
    if (problem !== null) throw new StateDamaged(path, problem);
  }

  /** What it was when it was made, for looking: nothing has been done yet. */
  static blank(path: string, services: number): StateFile {
    return new StateFile(path, services, encodeState(new Array<ServiceRecord>(services).fill(BLANK_RECORD)));
  }

  read(service: ServiceId): ServiceRecord {
    const at = HEAD_SIZE + service * RECORD_SIZE;
    for (let reads = 0; reads < MOST_READS; reads++) {
      // A copy, so that what was checked is what is decoded.
      this.#read.bytes.set(this.#bytes.subarray(at, at + RECORD_SIZE));
      const record = this.#read.decode();
      if (record !== null) return record;
    }
    throw new StateDamaged(this.#path, `the record of service ${service} has a wrong checksum`);
  }

  /** Every record, by service id. */
  readAll(): ServiceRecord[] {
    return Array.from({ length: this.#services }, (_, id) => this.read(serviceId(id)));
  }

  /**
   * Whether anything that was brought up last was started from another definition than that in `contentHashes`, 32 bytes
   * a service. Only for who keeps others from changing anything.
   */
  hasOtherDefinitions(contentHashes: Uint8Array): boolean {
    for (let service = 0; service < this.#services; service++) {
      const at = HEAD_SIZE + service * RECORD_SIZE;
      if (isOfOtherDefinition(this.#bytes, at, contentHashes, service * CONTENT_HASH_SIZE)) return true;
    }
    return false;
  }

  /** Whether anything is wanted whose last start did not succeed. Only for who keeps others from changing anything. */
  hasMissed(): boolean {
    for (let service = 0; service < this.#services; service++) {
      if (isMissed(this.#bytes, HEAD_SIZE + service * RECORD_SIZE)) return true;
    }
    return false;
  }

  /** Another number after each transition that another process wrote; those of this one leave it as it is. */
  markOf(service: ServiceId): number {
    const mark = lastTransitionMark(this.#bytes, HEAD_SIZE + service * RECORD_SIZE);
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

  close(): void {
    if (this.#writing !== null) closeSync(this.#writing);
    this.#writing = null;
  }

  /** The bytes from `start` to `end` of what is to be written, to their place. */
  #writeAt(service: ServiceId, start: number, end: number): void {
    this.#writing ??= openRegular(this.#path, { flags: constants.O_WRONLY }).descriptor;
    const position = HEAD_SIZE + service * RECORD_SIZE + start;
    writeSync(this.#writing, this.#write.bytes, start, end - start, position);
  }
}

function problemWith(bytes: Uint8Array, services: number): string | null {
  const magic = Buffer.from(MAGIC);
  if (bytes.length < HEAD_SIZE || !magic.every((byte, at) => bytes[at] === byte)) return 'this is not a state file';
  const has = new DataView(bytes.buffer, bytes.byteOffset).getUint32(HEAD_SIZE - 4, true);
  if (has !== services) return `it has ${has} services, the database ${services}`;
  return bytes.length === HEAD_SIZE + services * RECORD_SIZE ? null : 'it is cut off';
}
