/** What a logger that cannot write says of it, for everybody to read: see logger/held-lines.ts. */
import { join } from 'node:path';
import { readRegularText } from '@muster/posix/regular-file';
import { TROUBLE_FILE } from '@muster/store/live/service-files';

/** In bytes, of the explanation. */
const MOST_TROUBLE = 4096;

/** What keeps the logger in a service directory from writing, or null if nothing is known that does. */
export function troubleOf(directory: string): string | null {
  try {
    return readRegularText(join(directory, TROUBLE_FILE), { limit: MOST_TROUBLE }).trim() || null;
  } catch {
    return null;
  }
}
