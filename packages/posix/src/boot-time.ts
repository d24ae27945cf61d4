/** Time that no setting of the wall clock touches. Stamps of one boot can be compared across processes. */
import { libc } from './libc.ts';

/** Goes on while the machine is suspended, as the start times of processes do. */
const CLOCK_BOOTTIME = 7;
const now = new BigInt64Array(2);

/** Milliseconds since boot. */
export function bootTime(): number {
  libc().clock_gettime(CLOCK_BOOTTIME, now);
  return Number(now[0]!) * 1000 + Number(now[1]!) / 1e6;
}
