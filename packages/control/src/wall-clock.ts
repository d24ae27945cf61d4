/** The machine's clock, for the engine. */
import type { Clock } from '@muster/core/execute/ports';

/** Longer delays wrap around in setTimeout. */
const LONGEST = 0x7fff_ffff;

export const wallClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (delay, ring) => {
    const timer = setTimeout(ring, Math.min(delay, LONGEST));
    return { cancel: () => clearTimeout(timer) };
  },
};
