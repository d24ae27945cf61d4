/**
 * The state file: what is wanted of every service of one database, and what was last done to it. A head of 64 bytes, then
 * a record for each service id (record-codec.ts). Each write is one pwrite; readers take no lock.
 */
import { closeSync, constants, openSync, readSync, writeFileSync, writeSync } from 'node:fs';
import type { Records } from '@muster/core/execute/ports';
import type { ServiceId } from '@muster/core/model/database';
import type { Deed, ServiceRecord, Wanted } from '@muster/core/model/record';
import {
  BLANK_RECORD,
  DEED_SIZE,
  decodeRecord,
  encodeDeed,
  encodeRecord,
  encodeWish,
  RECORD_SIZE,
  WISH_SIZE,
} from './record-codec.ts';

const MAGIC = 'muster state 1\n';
const HEAD_SIZE = 64;
/** A writer is done with 64 bytes long before a reader has tried this often. */
const MOST_READS = 1000;

/** Makes a state file in which nothing has been done yet. */
export function createState(path: string, services: number): void {
  const bytes = new Uint8Array(HEAD_SIZE + services * RECORD_SIZE);
  writeHead(bytes, services);
  if (services > 0) {
    encodeRecord(BLANK_RECORD, bytes, HEAD_SIZE);
    const blank = bytes.subarray(HEAD_SIZE, HEAD_SIZE + RECORD_SIZE);
    for (let id = 1; id < services; id++) bytes.set(blank, HEAD_SIZE + id * RECORD_SIZE);
  }
  writeFileSync(path, bytes, { mode: 0o644 });
}

/** Makes a state file with these records, by service id. */
export function createStateFrom(path: string, records: readonly ServiceRecord[]): void {
  const bytes = new Uint8Array(HEAD_SIZE + records.length * RECORD_SIZE);
  writeHead(bytes, records.length);
  for (const [id, record] of records.entries()) encodeRecord(record, bytes, HEAD_SIZE + id * RECORD_SIZE);
  writeFileSync(path, bytes, { mode: 0o644 });
}

/** The state file is not one, or belongs to another database. */
export class StateDamaged extends Error {
  override readonly name = 'StateDamaged';

  constructor(
    readonly path: string,
    readonly problem: string,
  ) {
    super(`${path}: ${problem}`);
  }
}

export class StateFile implements Records {
  readonly #path: string;
  readonly #services: number;
  readonly #reading: number;
  #writing: number | null = null;
  readonly #read = new Uint8Array(RECORD_SIZE);
  readonly #write = new Uint8Array(RECORD_SIZE);

  /** Throws StateDamaged if the file is not the state of a database with so many services. */
  constructor(path: string, services: number) {
    this.#path = path;
    this.#services = services;
    this.#reading = openSync(path, constants.O_RDONLY);
    const head = new Uint8Array(HEAD_SIZE);
    const length = readSync(this.#reading, head, 0, HEAD_SIZE, 0);
    const problem = problemWith(head, length, services);
    if (problem === null) return;
    closeSync(this.#reading);
    throw new StateDamaged(path, problem);
  }

  read(service: ServiceId): ServiceRecord {
    this.#readOne(service);
    return decodeRecord(this.#read, 0) ?? this.#readAgain(service);
  }

  /** Every record, by service id. */
  readAll(): ServiceRecord[] {
    const bytes = new Uint8Array(this.#services * RECORD_SIZE);
    if (readSync(this.#reading, bytes, 0, bytes.length, HEAD_SIZE) !== bytes.length) throw this.#tooShort();
    return Array.from(
      { length: this.#services },
      (_, id) => decodeRecord(bytes, id * RECORD_SIZE) ?? this.#readAgain(id),
    );
  }

  wish(service: ServiceId, wanted: Wanted): void {
    encodeWish({ wanted, wantedBy: process.pid }, this.#write, 0);
    this.#writeAt(WISH_SIZE, HEAD_SIZE + service * RECORD_SIZE);
  }

  write(service: ServiceId, deed: Deed): void {
    encodeDeed(deed, this.#write, 0);
    this.#writeAt(DEED_SIZE, HEAD_SIZE + service * RECORD_SIZE + WISH_SIZE);
  }

  close(): void {
    closeSync(this.#reading);
    if (this.#writing !== null) closeSync(this.#writing);
  }

  #readAgain(service: ServiceId): ServiceRecord {
    for (let reads = 0; reads < MOST_READS; reads++) {
      this.#readOne(service);
      const record = decodeRecord(this.#read, 0);
      if (record !== null) return record;
    }
    throw new StateDamaged(this.#path, `the record of service ${service} has a wrong checksum`);
  }

  #readOne(service: ServiceId): void {
    const length = readSync(this.#reading, this.#read, 0, RECORD_SIZE, HEAD_SIZE + service * RECORD_SIZE);
    if (length !== RECORD_SIZE) throw this.#tooShort();
  }

  #writeAt(length: number, position: number): void {
    this.#writing ??= openSync(this.#path, constants.O_WRONLY);
    writeSync(this.#writing, this.#write, 0, length, position);
  }

  #tooShort(): StateDamaged {
    return new StateDamaged(this.#path, 'it is too short');
  }
}

function writeHead(bytes: Uint8Array, services: number): void {
  bytes.set(Buffer.from(MAGIC));
  new DataView(bytes.buffer).setUint32(HEAD_SIZE - 4, services, true);
}

function problemWith(head: Uint8Array, length: number, services: number): string | null {
  if (length < HEAD_SIZE || !Buffer.from(head).toString('latin1').startsWith(MAGIC)) return 'this is not a state file';
  const has = new DataView(head.buffer).getUint32(HEAD_SIZE - 4, true);
  return has === services ? null : `it has ${has} services, the database ${services}`;
}
