/** How often a supervisor had to start its service again. */
import { readRegular } from '@muster/posix/regular-file';
import { decodeDeaths } from '@muster/protocol/s6/death-tally';
import { DEATH_TALLY } from '@muster/store/live/service-files';
import type { KnownDeaths } from '../supervisor-adapter.ts';

/**
 * Deaths that the service directory's tally has since `began` (milliseconds since the epoch). No more are known than
 * `max-death-tally` keeps; none without a tally, which s6-supervise removes when it starts.
 */
export function deathsSince(directory: string, began: number): KnownDeaths {
  let bytes: Uint8Array;
  try {
    bytes = readRegular(`${directory}/${DEATH_TALLY}`);
  } catch {
    return { count: 0, each: [] };
  }
  const each = decodeDeaths(bytes).filter(({ at }) => at >= began);
  return { count: each.length, each };
}
