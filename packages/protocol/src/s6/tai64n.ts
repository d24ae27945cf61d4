/**
 * TAI64N: 12 bytes, seconds then nanoseconds, big-endian. The label of a moment is 2^62 + its TAI seconds, which have been
 * 37 more than the seconds since the epoch since 2017; s6 has the table of leap seconds built in, and its tools would
 * print times wrong by it otherwise. Earlier times are not needed here.
 */

const TAI_MINUS_UTC = 37n;
const BIAS = (1n << 62n) + TAI_MINUS_UTC;

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

/** The time of 24 hexadecimal digits. */
export function fromTai64nDigits(digits: string): number {
  return Number(BigInt(`0x${digits.slice(0, 16)}`) - BIAS) * 1000 + Number.parseInt(digits.slice(16), 16) / 1e6;
}
