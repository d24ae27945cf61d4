/** Whether a descriptor is a terminal. */
import { fstatSync } from 'node:fs';
import { libc } from './libc.ts';

/** False also for a descriptor that is not open. */
export function isTerminal(descriptor: number): boolean {
  try {
    // Most descriptors are none, and that can be seen without loading libc.
    if (!fstatSync(descriptor).isCharacterDevice()) return false;
  } catch {
    return false;
  }
  return libc().isatty(descriptor) === 1;
}
