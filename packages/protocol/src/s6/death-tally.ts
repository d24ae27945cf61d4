/** `supervise/death_tally`: 14 bytes a death, oldest first: when (TAI64N), exit code (128 + signal if killed), signal. */
import type { Exit } from '@muster/core/model/observation';
import { readTai64n, TAI64N_SIZE, writeTai64n } from './tai64n.ts';

export const DEATH_SIZE = TAI64N_SIZE + 2;

/** What s6 keeps if `max-death-tally` says nothing, and at most. */
export const DEFAULT_DEATHS = 100;
export const MOST_DEATHS = 4096;

export interface Death {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly exit: Exit;
}

export function encodeDeaths(deaths: readonly Death[]): Uint8Array {
  const bytes = new Uint8Array(deaths.length * DEATH_SIZE);
  const view = new DataView(bytes.buffer);
  for (const [index, { at, exit }] of deaths.entries()) {
    const offset = index * DEATH_SIZE;
    writeTai64n(view, offset, at);
    bytes[offset + 12] = exit.signal === 0 ? exit.code : 128 + exit.signal;
    bytes[offset + 13] = exit.signal;
  }
  return bytes;
}

/** An incomplete last record is left out. */
export function decodeDeaths(bytes: Uint8Array): Death[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const deaths: Death[] = [];
  for (let offset = 0; offset + DEATH_SIZE <= bytes.length; offset += DEATH_SIZE) {
    const signal = bytes[offset + 13]!;
    deaths.push({ at: readTai64n(view, offset), exit: { code: signal === 0 ? bytes[offset + 12]! : 0, signal } });
  }
  return deaths;
}
