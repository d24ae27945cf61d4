/**
 * runsv's `supervise/status`, 20 bytes: when the state changed (TAI64N, big-endian), pid (4 bytes, little-endian), paused,
 * wanted (`u` or `d`), got TERM, state. The pid is that of `run`, or of `finish` while that runs.
 */
export const STATUS_SIZE = 20;

export interface RunitStatus {
  /** Milliseconds since the epoch. */
  readonly stamp: number;
  /** 0 means no process. */
  readonly pid: number;
  readonly wantUp: boolean;
  readonly state: 'down' | 'run' | 'finish';
}

/** runit counts no leap seconds, unlike s6. */
const BIAS = (1n << 62n) + 10n;
const STATES = ['down', 'run', 'finish'] as const;
const UP = 'u'.charCodeAt(0);

/** Undefined if `bytes` are no status. */
export function decodeRunitStatus(bytes: Uint8Array): RunitStatus | undefined {
  const state = STATES[bytes[19] ?? -1];
  if (bytes.length !== STATUS_SIZE || state === undefined) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, STATUS_SIZE);
  return {
    stamp: Number(view.getBigUint64(0) - BIAS) * 1000 + view.getUint32(8) / 1e6,
    pid: view.getUint32(12, true),
    wantUp: bytes[17] === UP,
    state,
  };
}
