/**
 * A record as 64 bytes, little-endian. A wish and a deed have different writers, so each has a checksum of its own:
 *
 *      0  wish   wanted (1), unused (1), checksum (2), pid of who wished (4)
 *      8  deed   transition, phase and cause (1: 2 + 2 + 4 bits), exit known (1), exit code (1), signal (1), checksum (4)
 *     16         began, ended: milliseconds since the epoch, 8 bytes each
 *     32         content hash
 *
 * A reader that sees half of a write sees a wrong checksum and reads again. 64 divides the page size, so that no record
 * lies across two pages.
 */
import type {
  Deed,
  FailureCause,
  ServiceRecord,
  Transition,
  TransitionPhase,
  Wanted,
  Wish,
} from '@muster/core/model/record';

export const RECORD_SIZE = 64;
export const WISH_SIZE = 8;
export const DEED_SIZE = RECORD_SIZE - WISH_SIZE;

const WANTED: readonly Wanted[] = ['no', 'pulled', 'explicit'];
const TRANSITIONS: readonly Transition[] = ['none', 'up', 'down'];
const PHASES: readonly TransitionPhase[] = ['begun', 'done', 'failed'];
const CAUSES: readonly FailureCause[] = ['none', 'exited', 'timeout', 'gave-up', 'unsupervised', 'cancelled'];

/** What a service's record is before anything was done to it. */
export const BLANK_RECORD: ServiceRecord = {
  wanted: 'no',
  wantedBy: 0,
  transition: 'none',
  phase: 'done',
  cause: 'none',
  exit: null,
  began: 0,
  ended: 0,
  contentHash: new Uint8Array(32),
};

/** Writes a wish at `at`, `WISH_SIZE` bytes. */
export function encodeWish(wish: Wish, bytes: Uint8Array, at: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, WISH_SIZE);
  view.setUint8(0, WANTED.indexOf(wish.wanted));
  view.setUint8(1, 0);
  view.setUint32(4, wish.wantedBy, true);
  view.setUint16(2, wishChecksum(view), true);
}

/** Writes a deed at `at`, `DEED_SIZE` bytes. */
export function encodeDeed(deed: Deed, bytes: Uint8Array, at: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, DEED_SIZE);
  const step = TRANSITIONS.indexOf(deed.transition) | (PHASES.indexOf(deed.phase) << 2);
  view.setUint8(0, step | (CAUSES.indexOf(deed.cause) << 4));
  view.setUint8(1, deed.exit === null ? 0 : 1);
  view.setUint8(2, deed.exit?.code ?? 0);
  view.setUint8(3, deed.exit?.signal ?? 0);
  view.setFloat64(8, deed.began, true);
  view.setFloat64(16, deed.ended, true);
  bytes.set(deed.contentHash, at + 24);
  view.setUint32(4, deedChecksum(view), true);
}

export function encodeRecord(record: ServiceRecord, bytes: Uint8Array, at: number): void {
  encodeWish(record, bytes, at);
  encodeDeed(record, bytes, at + WISH_SIZE);
}

/** Null: half of a write was seen. */
export function decodeRecord(bytes: Uint8Array, at: number): ServiceRecord | null {
  const wish = new DataView(bytes.buffer, bytes.byteOffset + at, WISH_SIZE);
  const deed = new DataView(bytes.buffer, bytes.byteOffset + at + WISH_SIZE, DEED_SIZE);
  if (wish.getUint16(2, true) !== wishChecksum(wish)) return null;
  if (deed.getUint32(4, true) !== deedChecksum(deed)) return null;
  const step = deed.getUint8(0);
  const wanted = WANTED[wish.getUint8(0)];
  const transition = TRANSITIONS[step & 3];
  const phase = PHASES[(step >> 2) & 3];
  const cause = CAUSES[step >> 4];
  if (wanted === undefined || transition === undefined || phase === undefined || cause === undefined) return null;
  return {
    wanted,
    wantedBy: wish.getUint32(4, true),
    transition,
    phase,
    cause,
    exit: deed.getUint8(1) === 1 ? { code: deed.getUint8(2), signal: deed.getUint8(3) } : null,
    began: deed.getFloat64(8, true),
    ended: deed.getFloat64(16, true),
    contentHash: bytes.slice(at + RECORD_SIZE - 32, at + RECORD_SIZE),
  };
}

function wishChecksum(wish: DataView): number {
  const sum = mix(mix(0x811c9dc5, wish.getUint16(0, true)), wish.getUint32(4, true));
  return (sum ^ (sum >>> 16)) & 0xffff;
}

function deedChecksum(deed: DataView): number {
  let sum = mix(0x811c9dc5, deed.getUint32(0, true));
  for (let at = 8; at < DEED_SIZE; at += 4) sum = mix(sum, deed.getUint32(at, true));
  return sum >>> 0;
}

function mix(sum: number, word: number): number {
  const mixed = Math.imul(sum ^ word, 0x01000193);
  return mixed ^ (mixed >>> 15);
}
