/** What a command that was killed has left beside the file or directory that it made, where others may leave something too. */
import { lstatSync, rmSync } from 'node:fs';

/**
 * Removes it, if it is this user's: in a directory such as /tmp anybody can make something of such a name, which is not to
 * keep a command from its work, nor to be gone through by root. That it cannot be removed is of no interest either.
 */
export function removeAbandoned(path: string, { recursive = false }: { readonly recursive?: boolean } = {}): void {
  try {
    if (lstatSync(path).uid === process.geteuid!()) rmSync(path, { recursive, force: true });
  } catch {
    // It takes space. Whoever lacks that is told so by the next thing that is written.
  }
}
