/** Links in a scandir that belongs to somebody else, where only those of this live directory may be touched. */
import { realpathSync } from 'node:fs';
import { linkTarget } from '@muster/posix/absence';

/** Whether `path` is a link into the live directory `root`, whatever path it says, and whether or not it still leads there. */
export function isOwnLink(root: string, path: string): boolean {
  const said = linkTarget(path);
  if (said === null) return false;
  return said.startsWith(`${root}/`) || isBelow(realPathOf(path), realPathOf(root));
}

function isBelow(path: string | null, directory: string | null): boolean {
  return path !== null && directory !== null && path.startsWith(`${directory}/`);
}

function realPathOf(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}
