/**
 * The state file: what is wanted of every service of one database, and what was last done to it. A head of 64 bytes, then
 * a record for each service id (record-codec.ts). A record is written by one pwrite; readers take no lock.
 */
import { closeSync, constants, openSync, readSync, writeFileSync, writeSync } from 'node:fs';
import type { ServiceId } from '@muster/core/model/database';
import type { ServiceRecord } from '@muster/core/model/record';
import type { Records } from '@muster/core/execute/ports';
import { BLANK_RECORD, decodeRecord, encodeRecord, RECORD_SIZE, recordWriter } from './record-codec.ts';

const MAGIC = 'muster state 1\n';
const HEAD_SIZE = 64;
/** A writer is done with 64 bytes long before a reader has tried this often. */
const MOST_READS = 1000;

/** The bytes of a new state file in which nothing has been done yet. */
export function blankState(services: number): Uint8Array {
  return encodeState(Array.from({ length: services }, () => BLANK_RECORD));
}

/** The bytes of a state file with these records, by service id. */
export function encodeState(records: readonly ServiceRecord[]): Uint8Array {
  const bytes = new Uint8Array(HEAD_SIZE + records.length * RECORD_SIZE);
  bytes.set(Buffer.from(MAGIC));
  new DataView(bytes.buffer).setUint32(HEAD_SIZE - 4, records.length, true);
  const blank = encodeRecord(BLANK_RECORD, 0);
  for (const [id, record] of records.entries()) {
    bytes.set(record === BLANK_RECORD ? blank : encodeRecord(record, process.pid), HEAD_SIZE + id * RECORD_SIZE);
  }
  return bytes;
}

export function createState(path: string, services: number): void {
  writeFileSync(path, blankState(services), { mode: 0o644, flag: 'wx' });
}

/** The state file is not one, or belongs to another database. */
export class StateDamaged extends Error {
  override readonly name = 'StateDamaged';

  constructor(
    readonly path: string,
    readonly cause: string,
  ) {
    super(`${path}: ${cause}`);
  }
}

export class StateFile implements Records {
  readonly #path: string;
  readonly #services: number;
  readonly #reading: number;
  #writing: number | null = null;
  readonly #buffer = new Uint8Array(RECORD_SIZE);

  /** Throws StateDamaged if the file is not the state of a database with so many services. */
  constructor(path: string, services: number) {
    this.#path = path;
    this.#services = services;
    this.#reading = openSync(path, constants.O_RDONLY | constants.O_CLOEXEC);
    const head = new Uint8Array(HEAD_SIZE);
    const length = readSync(this.#reading, head, 0, HEAD_SIZE, 0);
    const problem = problemWith(head, length, services);
    if (problem === null) return;
    closeSync(this.#reading);
    throw new StateDamaged(path, problem);
  }

  read(service: ServiceId): ServiceRecord {
    this.#readInto(service);
    return this.#decoded(this.#buffer, 0, service);
  }

  /** Every record, by service id. */
  readAll(): ServiceRecord[] {
    const bytes = new Uint8Array(this.#services * RECORD_SIZE);
    if (readSync(this.#reading, bytes, 0, bytes.length, HEAD_SIZE) !== bytes.length) {
      throw new StateDamaged(this.#path, 'it is too short');
    }
    return Array.from({ length: this.#services }, (_, id) => this.#decoded(bytes, id * RECORD_SIZE, id));
  }

  /** Pid of the process that last wrote the record; 0: none did. */
  writer(service: ServiceId): number {
    this.read(service);
    return recordWriter(this.#buffer, 0);
  }

  write(service: ServiceId, record: ServiceRecord): void {
    this.#writing ??= openSync(this.#path, constants.O_WRONLY | constants.O_CLOEXEC);
    writeSync(this.#writing, encodeRecord(record, process.pid), 0, RECORD_SIZE, HEAD_SIZE + service * RECORD_SIZE);
  }

  close(): void {
    closeSync(this.#reading);
    if (this.#writing !== null) closeSync(this.#writing);
  }

  #decoded(bytes: Uint8Array, at: number, service: ServiceId): ServiceRecord {
    let record = decodeRecord(bytes, at);
    for (let reads = 0; record === null && reads < MOST_READS; reads++) {
      this.#readInto(service);
      record = decodeRecord(this.#buffer, 0);
    }
    if (record === null) throw new StateDamaged(this.#path, `the record of service ${service} has a wrong checksum`);
    return record;
  }

  #readInto(service: ServiceId): void {
    if (readSync(this.#reading, this.#buffer, 0, RECORD_SIZE, HEAD_SIZE + service * RECORD_SIZE) !== RECORD_SIZE) {
      throw new StateDamaged(this.#path, 'it is too short');
    }
  }
}

function problemWith(head: Uint8Array, length: number, services: number): string | null {
  if (length < HEAD_SIZE || !Buffer.from(head).toString('latin1').startsWith(MAGIC)) return 'this is not a state file';
  const has = new DataView(head.buffer).getUint32(HEAD_SIZE - 4, true);
  return has === services ? null : `it has ${has} services, the database ${services}`;
}
