/** Durations on the command line: milliseconds, or `5s`, `2m`. */
import { UNITS } from '@muster/core/model/duration';

const LONGEST = 0x7fff_ffff;

/** Milliseconds, or null if the text is no duration. */
export function parseDuration(text: string): number | null {
  const found = /^(\d+(?:\.\d+)?)(ms|s|m|h|)$/.exec(text);
  if (found === null) return null;
  const milliseconds = Math.round(Number(found[1]) * UNITS.get(found[2] || 'ms')!);
  return milliseconds <= LONGEST ? milliseconds : null;
}

/** For people: `12 ms`, `3.4 s`, `2 min 5 s`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(milliseconds < 10_000 ? 1 : 0)} s`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 1440) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return `${Math.floor(minutes / 1440)} d ${Math.floor((minutes % 1440) / 60)} h`;
}
