/**
 * A record as 64 bytes, in the machine's byte order (the file never leaves the machine):
 *
 *      0  wanted, transition, phase, cause    one byte each: indices into the lists below
 *      4  exit code (2), signal (1), whether the exit is known (1)
 *      8  pid of the writer (4)
 *     12  checksum of everything else (4)
 *     16  began, ended                        milliseconds since the epoch, 8 bytes each
 *     32  content hash
 *
 * A reader that sees half of a write sees a wrong checksum and reads again. 64 divides the page size, so that no record
 * lies across two pages.
 */
import type { FailureCause, ServiceRecord, Transition, TransitionPhase, Wanted } from '@muster/core/model/record';

export const RECORD_SIZE = 64;

const WANTED: readonly Wanted[] = ['no', 'pulled', 'explicit'];
const TRANSITIONS: readonly Transition[] = ['none', 'up', 'down'];
const PHASES: readonly TransitionPhase[] = ['begun', 'done', 'failed'];
const CAUSES: readonly FailureCause[] = ['none', 'exited', 'timeout', 'gave-up', 'unsupervised', 'cancelled'];

const CHECKSUM_WORD = 3;
const WORDS = RECORD_SIZE / 4;

/** What a service's record is before anything was done to it. */
export const BLANK_RECORD: ServiceRecord = {
  wanted: 'no',
  transition: 'none',
  phase: 'done',
  cause: 'none',
  exit: null,
  began: 0,
  ended: 0,
  contentHash: new Uint8Array(32),
};

export function encodeRecord(record: ServiceRecord, writer: number): Uint8Array {
  const bytes = new Uint8Array(RECORD_SIZE);
  const view = new DataView(bytes.buffer);
  bytes[0] = WANTED.indexOf(record.wanted);
  bytes[1] = TRANSITIONS.indexOf(record.transition);
  bytes[2] = PHASES.indexOf(record.phase);
  bytes[3] = CAUSES.indexOf(record.cause);
  if (record.exit !== null) {
    view.setUint16(4, record.exit.code, true);
    bytes[6] = record.exit.signal;
    bytes[7] = 1;
  }
  view.setUint32(8, writer, true);
  view.setFloat64(16, record.began, true);
  view.setFloat64(24, record.ended, true);
  bytes.set(record.contentHash, 32);
  const words = new Uint32Array(bytes.buffer);
  words[CHECKSUM_WORD] = checksum(words, 0);
  return bytes;
}

/** One record of a file that was read whole; `bytes` starts at a multiple of 4. Null: half of a write was seen. */
export function decodeRecord(bytes: Uint8Array, at: number): ServiceRecord | null {
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 2);
  const first = at >> 2;
  if (words[first + CHECKSUM_WORD] !== checksum(words, first)) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, RECORD_SIZE);
  const wanted = WANTED[bytes[at]!];
  const transition = TRANSITIONS[bytes[at + 1]!];
  const phase = PHASES[bytes[at + 2]!];
  const cause = CAUSES[bytes[at + 3]!];
  if (wanted === undefined || transition === undefined || phase === undefined || cause === undefined) return null;
  return {
    wanted,
    transition,
    phase,
    cause,
    exit: bytes[at + 7] === 1 ? { code: view.getUint16(4, true), signal: bytes[at + 6]! } : null,
    began: view.getFloat64(16, true),
    ended: view.getFloat64(24, true),
    contentHash: bytes.slice(at + 32, at + RECORD_SIZE),
  };
}

/** Pid of the process that wrote the record. */
export function recordWriter(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset + at, RECORD_SIZE).getUint32(8, true);
}

function checksum(words: Uint32Array, first: number): number {
  let sum = 0x811c9dc5;
  for (let i = first; i < first + WORDS; i++) {
    if (i - first === CHECKSUM_WORD) continue;
    sum = Math.imul(sum ^ words[i]!, 0x01000193);
    sum ^= sum >>> 15;
  }
  return sum >>> 0;
}
