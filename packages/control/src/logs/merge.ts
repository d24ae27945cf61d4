/** Several logs as one. */
import type { LogEntry } from '@muster/protocol/logs/entry';

export interface NamedEntry extends LogEntry {
  readonly service: string;
}

/** By time; lines of one log stay in their order, and those without any time come first. */
export function merged(logs: readonly (readonly NamedEntry[])[]): NamedEntry[] {
  const all: { entry: NamedEntry; time: number }[] = [];
  for (const entries of logs) {
    let time = Number.NEGATIVE_INFINITY;
    for (const entry of entries) {
      // A clock that was set back does not turn lines around.
      time = Math.max(time, entry.at ?? time);
      all.push({ entry, time });
    }
  }
  return all.sort((a, b) => (a.time === b.time ? 0 : a.time - b.time)).map(({ entry }) => entry);
}
