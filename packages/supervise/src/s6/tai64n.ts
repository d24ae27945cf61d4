/**
 * TAI64N: 12 bytes, seconds then nanoseconds, big-endian. s6 computes the label of the system's clock as 2^62 + 10 +
 * seconds since the epoch (no leap-second table), and so do we: only then do its tools print our times right.
 */

const BIAS = (1n << 62n) + 10n;

export const TAI64N_SIZE = 12;

/** Writes `time` (milliseconds since the epoch, fractions allowed) at `offset`. 0 becomes the label of the epoch. */
export function writeTai64n(bytes: DataView, offset: number, time: number): void {
  const seconds = Math.floor(time / 1000);
  bytes.setBigUint64(offset, BIAS + BigInt(seconds));
  bytes.setUint32(offset + 8, Math.min(999_999_999, Math.round((time - seconds * 1000) * 1e6)));
}

/** Milliseconds since the epoch, with a fraction. */
export function readTai64n(bytes: DataView, offset: number): number {
  return Number(bytes.getBigUint64(offset) - BIAS) * 1000 + bytes.getUint32(offset + 8) / 1e6;
}

/** The external form without `@`: 24 hexadecimal digits, as in the names of event FIFOs and in log lines. */
export function tai64nDigits(time: number): string {
  const view = new DataView(new ArrayBuffer(TAI64N_SIZE));
  writeTai64n(view, 0, time);
  return view.getBigUint64(0).toString(16).padStart(16, '0') + view.getUint32(8).toString(16).padStart(8, '0');
}
