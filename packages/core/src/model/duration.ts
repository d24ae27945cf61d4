/** Durations as people write them. */
import { present } from '../invariant.ts';

/** Milliseconds in each unit. */
export const UNITS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
]);

/** What a definition can say: 32 bits of milliseconds. */
const LONGEST = 0xffff_ffff;

/** `250`, `250ms`, `5s`, `2m`, `1h`, in milliseconds; null if it is none of these. */
export function duration(text: string): number | null {
  const match = /^([0-9]+)(ms|s|m|h)?$/.exec(text);
  if (match === null) return null;
  const [, number, unit = 'ms'] = match;
  const value = Number(number) * present(UNITS.get(unit), 'every unit that is matched is in UNITS');
  return value <= LONGEST ? value : null;
}
