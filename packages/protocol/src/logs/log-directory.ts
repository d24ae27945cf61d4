/** The names of the files in a log directory, as s6-log and multilog have them. */
import { readdirSync } from 'node:fs';

export const CURRENT = 'current';
/** Of the catch-all only: see reserve.ts. */
export const RESERVE = 'reserve';
const ARCHIVE = /^@[0-9a-f]{24}\.[su]$/;

/** Names of the archived files of a log directory, oldest first. */
export function archives(directory: string): string[] {
  return readdirSync(directory)
    .filter((name) => ARCHIVE.test(name))
    .sort();
}
