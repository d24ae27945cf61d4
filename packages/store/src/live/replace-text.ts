/** How the small files of a live directory are written that others read: the old one or the new one is there, never half of one. */
import { renameSync, rmSync, writeFileSync } from 'node:fs';

/** Where the text is written first. One that was left there belongs to a writer that was killed. */
export function unfinished(path: string): string {
  return `${path}.new`;
}

/** Throws what the system says; then `path` is as it was, and nothing is left of the other. */
export function replaceText(path: string, text: string, mode: number): void {
  const next = unfinished(path);
  try {
    // One that is there has a mode of its own, or is no file.
    rmSync(next, { recursive: true, force: true });
    writeFileSync(next, text, { mode, flag: 'wx' });
    renameSync(next, path);
  } catch (error) {
    rmSync(next, { force: true });
    throw error;
  }
}
