/** A line that a service wrote. */
import { fromTai64nDigits } from '../s6/tai64n.ts';

export interface LogEntry {
  /** Milliseconds since the epoch; of the line before it, if it bears none itself; null if none before it does. */
  readonly at: number | null;
  /** Without its time. */
  readonly text: string;
}

/** As rc-logger, s6-log (`t`, `T`), multilog and svlogd (`-t`, `-tt`, `-ttt`) write them. */
const TAI64N = /^@([0-9a-f]{24}) /;
const ISO = /^\d{4}-\d\d-\d\d[T_ ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(Z?) {1,2}/;

/** Takes the time off a line. `before` stands in for a time that it does not bear. */
export function parseEntry(line: string, before: number | null): LogEntry {
  const tai = TAI64N.exec(line);
  if (tai !== null) return { at: fromTai64nDigits(tai[1]!), text: line.slice(tai[0].length) };
  const iso = ISO.exec(line);
  if (iso === null) return { at: before, text: line };
  const [stamp, zone] = iso;
  const instant = `${stamp.slice(0, 10)}T${stamp.slice(11).trim().replace('Z', '').slice(0, 12)}`;
  // s6-log's times are local ones, svlogd's are UTC and told by the character between day and hour.
  const at = Date.parse(zone === 'Z' || stamp[10] !== ' ' ? `${instant}Z` : instant);
  return Number.isNaN(at) ? { at: before, text: line } : { at, text: line.slice(stamp.length) };
}
