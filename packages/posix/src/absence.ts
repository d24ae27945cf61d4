/** Looking at what may not be there. */
import { readdirSync, readlinkSync } from 'node:fs';

/** What a path that leads nowhere gives: nothing is there, or something on the way is no directory. */
export function isAbsent(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** What is in a directory; nothing if it cannot be read. */
export function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** Where a symbolic link leads, as it says; null if it is none, or cannot be read. */
export function linkTarget(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}
