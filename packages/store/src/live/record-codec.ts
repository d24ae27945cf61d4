/**
 * A record as 64 bytes. A wish and a last transition have different writers, so each has a checksum of its own:
 *
 *      0  wish   wanted (1), unused (1), checksum (2), pid of who wished (4)
 *      8  last   transition, phase and cause (1: 2 + 2 + 4 bits), exit known (1), exit code (1), signal (1), checksum (4)
 *     16         began, ended: milliseconds since the epoch, 8 bytes each
 *     32         content hash
 *
 * A reader that sees half of a write sees a wrong checksum and reads again. 64 divides the page size, so that no record
 * lies across two pages.
 */
import { CONTENT_HASH_SIZE, isKnownHash } from '@muster/core/model/content-hash';
import type {
  FailureCause,
  LastTransition,
  ServiceRecord,
  Transition,
  TransitionPhase,
  Wanted,
  Wish,
} from '@muster/core/model/record';

export const RECORD_SIZE = 64;
export const WISH_SIZE = 8;
const WORDS = RECORD_SIZE / 4;
const START = 0x811c9dc5;

const WANTED: readonly Wanted[] = ['no', 'pulled', 'explicit'];
const TRANSITIONS: readonly Transition[] = ['none', 'up', 'down'];
const PHASES: readonly TransitionPhase[] = ['begun', 'done', 'failed'];
const CAUSES: readonly FailureCause[] = [
  'none',
  'exited',
  'timeout',
  'gave-up',
  'unsupervised',
  'cancelled',
  'unfinished',
  'unexecutable',
];

/**
 * Whether the record at `at` says that its service was brought up last, from another definition than the one with the
 * hash at `hashAt` (as `startedFrom` does, at a fraction of its cost). The record is not checked: only for who keeps
 * others from writing.
 */
export function isOfOtherDefinition(bytes: Uint8Array, at: number, hashes: Uint8Array, hashAt: number): boolean {
  if (TRANSITIONS[bytes[at + WISH_SIZE]! & 3] !== 'up') return false;
  const hash = bytes.subarray(at + RECORD_SIZE - CONTENT_HASH_SIZE, at + RECORD_SIZE);
  return Buffer.compare(hash, hashes.subarray(hashAt, hashAt + CONTENT_HASH_SIZE)) !== 0 && isKnownHash(hash);
}

/** Whether the record at `at`, which is not checked, says that its service is wanted, and was not brought up. */
export function isMissed(bytes: Uint8Array, at: number): boolean {
  const step = bytes[at + WISH_SIZE]!;
  const isUp = TRANSITIONS[step & 3] === 'up' && PHASES[(step >> 2) & 3] === 'done';
  return WANTED[bytes[at]!] !== 'no' && !isUp;
}

/**
 * Room for one record, with what it takes to read and write it. Numbers are in the machine's byte order: the file never
 * leaves the machine.
 */
export class RecordBuffer {
  readonly bytes = new Uint8Array(RECORD_SIZE);
  readonly #words = new Uint32Array(this.bytes.buffer);
  readonly #times = new Float64Array(this.bytes.buffer);

  encodeWish(wish: Wish): void {
    this.bytes[0] = WANTED.indexOf(wish.wanted);
    this.bytes[1] = 0;
    this.#words[1] = wish.wantedBy;
    this.#setWishChecksum(this.#wishChecksum());
  }

  encodeLastTransition(last: LastTransition): void {
    const step = TRANSITIONS.indexOf(last.transition) | (PHASES.indexOf(last.phase) << 2);
    this.bytes[8] = step | (CAUSES.indexOf(last.cause) << 4);
    this.bytes[9] = last.exit === null ? 0 : 1;
    this.bytes[10] = last.exit?.code ?? 0;
    this.bytes[11] = last.exit?.signal ?? 0;
    this.#times[2] = last.began;
    this.#times[3] = last.ended;
    this.bytes.set(last.contentHash, 32);
    this.#words[3] = this.#lastTransitionChecksum();
  }

  /** Null if half of a write was seen. */
  decode(): ServiceRecord | null {
    const { bytes } = this;
    if (bytes[2]! + (bytes[3]! << 8) !== this.#wishChecksum() || this.#words[3] !== this.#lastTransitionChecksum())
      return null;
    const step = bytes[8]!;
    const wanted = WANTED[bytes[0]!];
    const transition = TRANSITIONS[step & 3];
    const phase = PHASES[(step >> 2) & 3];
    const cause = CAUSES[step >> 4];
    if (wanted === undefined || transition === undefined || phase === undefined || cause === undefined) return null;
    return {
      wanted,
      wantedBy: this.#words[1]!,
      transition,
      phase,
      cause,
      exit: bytes[9] === 1 ? { code: bytes[10]!, signal: bytes[11]! } : null,
      began: this.#times[2]!,
      ended: this.#times[3]!,
      contentHash: bytes.slice(32),
    };
  }

  #setWishChecksum(sum: number): void {
    this.bytes[2] = sum & 0xff;
    this.bytes[3] = sum >> 8;
  }

  #wishChecksum(): number {
    const sum = mix(mix(START, this.bytes[0]!), this.#words[1]!);
    return (sum ^ (sum >>> 16)) & 0xffff;
  }

  #lastTransitionChecksum(): number {
    let sum = mix(START, this.#words[2]!);
    for (let word = 4; word < WORDS; word++) sum = mix(sum, this.#words[word]!);
    return sum >>> 0;
  }
}

/** The checksum of the last transition in the record at `at`: another number after each one. */
export function lastTransitionMark(bytes: Uint8Array, at: number): number {
  return bytes[at + 12]! | (bytes[at + 13]! << 8) | (bytes[at + 14]! << 16) | (bytes[at + 15]! << 24);
}

function mix(sum: number, word: number): number {
  const mixed = Math.imul(sum ^ word, 0x01000193);
  return mixed ^ (mixed >>> 15);
}
