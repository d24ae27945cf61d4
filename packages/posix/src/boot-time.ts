/** Time that no setting of the wall clock touches. Stamps of one boot can be compared across processes. */
import { libc } from './libc.ts';

/** Goes on while the machine is suspended, as the start times of processes do. */
const CLOCK_BOOTTIME = 7;
const now = new BigInt64Array(2);

/** Clock ticks a second, in /proc: fixed in the kernel's interface. */
export const TICKS = 100;
const TICK_IN_NANOSECONDS = 1_000_000_000n / BigInt(TICKS);

/** Clock ticks after boot, as the kernel counts them for the start times of processes. */
export function ticksSinceBoot(): number {
  libc().clock_gettime(CLOCK_BOOTTIME, now);
  return Number(now[0]!) * TICKS + Number(now[1]! / TICK_IN_NANOSECONDS);
}

/** Milliseconds since boot. */
export function bootTime(): number {
  libc().clock_gettime(CLOCK_BOOTTIME, now);
  return Number(now[0]!) * 1000 + Number(now[1]!) / 1e6;
}
