/** Who may be the s6-svscan or runsvdir of a scandir: its words and its working directory anybody's process can have. */
import { statSync } from 'node:fs';
import { realUser } from '@muster/posix/process';

/** Whether root, this user or the owner of `scandir` began `pid`. */
export function mayWatch(pid: number, scandir: string): boolean {
  const user = realUser(pid);
  return user === 0 || user === process.geteuid!() || user === statSync(scandir, { throwIfNoEntry: false })?.uid;
}
