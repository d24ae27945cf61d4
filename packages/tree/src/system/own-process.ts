/**
 * Whether a process is one that this user's supervisors have started, when nothing was written down that tells. Working
 * directory, words and session are what anybody's process can have; this is not.
 */
import { statSync } from 'node:fs';
import { linkTarget } from '@muster/posix/absence';
import { openFiles, realUser } from '@muster/posix/process';

/** Of group and others. */
const FOR_OTHERS = 0o077;

/**
 * True if this user began it, or it has inherited what only this user can open: a FIFO or file of `home`, a directory whose
 * path leads through no link. So a daemon is known that has dropped its privileges already.
 */
export function isOwnProcess(pid: number, home: string): boolean {
  return realUser(pid) === process.geteuid!() || openFiles(pid).some((link) => isPrivateIn(home, link));
}

function isPrivateIn(home: string, link: string): boolean {
  if (!linkTarget(link)?.startsWith(`${home}/`)) return false;
  const found = statSync(link, { throwIfNoEntry: false });
  return found !== undefined && found.uid === process.geteuid!() && (found.mode & FOR_OTHERS) === 0;
}
