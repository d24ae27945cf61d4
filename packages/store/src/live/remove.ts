/** Taking a live directory away: at once for everybody who looks, so that nobody takes what is left of it for a damaged one. */
import { renameSync, rmSync, type Stats, statSync } from 'node:fs';
import { abandonedName } from './create.ts';

export function removeLive(root: string): void {
  const away = abandonedName(root);
  try {
    renameSync(root, away);
  } catch {
    // A file system of its own, or a directory that nothing may be made beside.
    rmSync(root, { recursive: true, force: true });
    return;
  }
  rmSync(away, { recursive: true, force: true });
}

/** One that is made in place of another has another identity. Null if there is nothing. */
export function identityOf(root: string): string | null {
  const stats: Stats | undefined = statSync(root, { throwIfNoEntry: false });
  return stats === undefined ? null : `${stats.dev}:${stats.ino}:${stats.birthtimeMs}`;
}
