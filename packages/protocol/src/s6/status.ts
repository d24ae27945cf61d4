/**
 * `supervise/status`, 35 bytes: when the state changed (TAI64N), when the service was last ready (or ready to be
 * started again), pid (8 bytes), wait status of the last process that died (2 bytes), flags (1 byte); big-endian.
 */
import type { Exit } from '@muster/core/model/observation';
import { readTai64n, writeTai64n } from './tai64n.ts';

export const STATUS_SIZE = 35;
/** Bytes of it. */
export const READY_STAMP = { from: 12, length: 12 } as const;

export interface Status {
  /** Milliseconds since the epoch. */
  readonly stamp: number;
  readonly readyStamp: number;
  /** Of `run`, or of `finish` while `finishing`; 0 if there is no process. */
  readonly pid: number;
  /** As wait(2) gives it; 0 if no process has died yet (or one has exited 0). */
  readonly waitStatus: number;
  /** Also set, with pid 0, between the supervisor's start and its first change: it has done nothing yet. */
  readonly paused: boolean;
  readonly finishing: boolean;
  readonly wantUp: boolean;
  /** While up: the service has notified. While down: `finish` is done, and the service may be started. */
  readonly ready: boolean;
}

const PAUSED = 1;
const FINISHING = 2;
const WANT_UP = 4;
const READY = 8;

export function encodeStatus(status: Status): Uint8Array {
  const bytes = new Uint8Array(STATUS_SIZE);
  const view = new DataView(bytes.buffer);
  writeTai64n(view, 0, status.stamp);
  writeTai64n(view, 12, status.readyStamp);
  view.setBigUint64(24, BigInt(status.pid));
  view.setUint16(32, status.waitStatus);
  bytes[34] =
    (status.paused ? PAUSED : 0) |
    (status.finishing ? FINISHING : 0) |
    (status.wantUp ? WANT_UP : 0) |
    (status.ready ? READY : 0);
  return bytes;
}

/** Undefined if `bytes` are no status. */
export function decodeStatus(bytes: Uint8Array): Status | undefined {
  if (bytes.length !== STATUS_SIZE) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, STATUS_SIZE);
  const flags = bytes[34]!;
  return {
    stamp: readTai64n(view, 0),
    readyStamp: readTai64n(view, 12),
    pid: Number(view.getBigUint64(24)),
    waitStatus: view.getUint16(32),
    paused: (flags & PAUSED) !== 0,
    finishing: (flags & FINISHING) !== 0,
    wantUp: (flags & WANT_UP) !== 0,
    ready: (flags & READY) !== 0,
  };
}

/** How a process ended, from its wait status; a dumped core is not told apart. */
export function exitOf(waitStatus: number): Exit {
  const signal = waitStatus & 0x7f;
  return signal === 0 ? { code: (waitStatus >> 8) & 0xff, signal: 0 } : { code: 0, signal };
}

export function waitStatusOf(exit: Exit): number {
  return exit.signal === 0 ? (exit.code & 0xff) << 8 : exit.signal & 0x7f;
}
