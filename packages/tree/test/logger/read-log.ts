/** What is in a log directory. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Everything, oldest first; nothing where there is no log yet. Begins again when a file is rotated while it reads. */
export function everythingIn(directory: string): string {
  for (;;) {
    try {
      const names = readdirSync(directory).filter((name) => name === 'current' || name.startsWith('@'));
      return names
        .sort()
        .map((name) => readFileSync(join(directory, name), 'utf8'))
        .join('');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      if (!isThere(directory)) return '';
    }
  }
}

function isThere(directory: string): boolean {
  try {
    return readdirSync(directory).length > 0;
  } catch {
    return false;
  }
}
