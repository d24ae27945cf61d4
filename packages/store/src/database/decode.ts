/**
 * From bytes to a database. Nothing in the file is believed: first magic, version, length and hash, then the range and
 * the order of every number (sections.ts), then everything that a compiler promises of the graph. Only what was held to all of
 * that before, as the hash shows by which it goes in a live directory, is not held to it again by every command.
 */
import { isSameHash } from '@muster/core/model/content-hash';
import type { PackedDatabase } from '@muster/core/model/packed-definitions';
import { faultsOfGraph } from '@muster/core/model/soundness';
import { failure, type Result, success } from '@muster/core/result';
import { prepareFor } from '../much-work.ts';
import { HASH_SIZE, HEADER_SIZE, MAGIC, OFFSET, VERSION } from './format.ts';
import { hashOf } from './hash.ts';
import { Malformed, Sections } from './sections.ts';

export interface DecodedDatabase {
  readonly database: PackedDatabase;
  /** Hexadecimal. */
  readonly hash: string;
}

export interface DecodeProblem {
  /** `malformed`: its hash is right, and it still is not what a compiler writes. */
  readonly refusal: 'not-a-database' | 'other-version' | 'truncated' | 'corrupt' | 'malformed';
  /** Without the path. */
  readonly message: string;
}

/** What the header alone tells against a file of `size` bytes, or null if that is nothing. */
export function refusalOf(header: Uint8Array, size: number): DecodeProblem | null {
  if (header.length < MAGIC.length || MAGIC.some((byte, i) => header[i] !== byte))
    return refuse('not-a-database', 'this is not a compiled database');
  if (header.length < HEADER_SIZE) return refuse('truncated', 'the database is cut off');
  const length = new DataView(header.buffer, header.byteOffset).getBigUint64(OFFSET.length, true);
  if (length > BigInt(size))
    return refuse('truncated', `the database is cut off: ${size} of ${length} bytes are there`);
  if (length < BigInt(size))
    return refuse('corrupt', `the database is damaged: it has ${size} bytes, and not ${length}`);
  return null;
}

/** `checked`: the hash (hexadecimal) of a database that somebody has decoded before, if this should be that one. */
export function decode(bytes: Uint8Array, checked?: string): Result<DecodedDatabase, DecodeProblem> {
  const refusal = refusalOf(bytes, bytes.length);
  if (refusal !== null) return failure(refusal);
  // A plain view even of a Buffer, at an offset that views of integers can start from.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const file = plain.byteOffset % 4 === 0 ? plain : plain.slice();
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const version = view.getUint32(OFFSET.version, true);
  const hash = file.subarray(OFFSET.hash, OFFSET.hash + HASH_SIZE);
  if (!isSameHash(hashOf(file), hash))
    return failure(refuse('corrupt', 'the database is damaged: its checksum is wrong'));
  if (version !== VERSION)
    return failure(
      refuse(
        'other-version',
        `the database has format version ${version}, and this program reads ${VERSION}: rc-compile makes one of its source`,
      ),
    );
  prepareFor(view.getUint32(OFFSET.services, true));
  try {
    const name = Buffer.from(hash).toString('hex');
    const isChecked = name === checked;
    const database = new Sections(file, view, { isChecked }).database();
    const faults = isChecked ? [] : faultsOfGraph(database);
    if (faults.length > 0) return failure(refuse('malformed', `the database is malformed: ${faultList(faults)}`));
    return success({ database, hash: name });
  } catch (error) {
    if (error instanceof Malformed) return failure(refuse('malformed', `the database is malformed: ${error.message}`));
    throw error;
  }
}

function refuse(refusal: DecodeProblem['refusal'], message: string): DecodeProblem {
  return { refusal, message };
}

/** Faults that a message has room for. */
const MOST_FAULTS = 3;

function faultList(faults: readonly string[]): string {
  const more = faults.length > MOST_FAULTS ? [`and ${faults.length - MOST_FAULTS} more`] : [];
  return [...faults.slice(0, MOST_FAULTS), ...more].join('; ');
}
