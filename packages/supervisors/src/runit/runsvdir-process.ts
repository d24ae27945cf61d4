/** The runsvdir that watches a directory, as /proc shows it: it has no control FIFO that could be asked. */
import { realpathSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { linkTarget } from '@muster/posix/absence';
import { commandLine, everyPid } from '@muster/posix/process';
import { mayWatch } from '../scandir/may-watch.ts';

/** Runit's own; busybox's has no limit. */
const SERVICES_AT_MOST = 1000;

export interface Runsvdir {
  readonly pid: number;
  /** How many services it watches; null if there is no limit, or none that can be known. */
  readonly atMost: number | null;
}

/** Null if there is none. */
export function runsvdirOf(scandir: string): Runsvdir | null {
  const home = realPathOf(scandir);
  const pid = home === null ? undefined : everyPid().find((each) => watches(each, home) && mayWatch(each, home));
  if (pid === undefined) return null;
  const program = linkTarget(`/proc/${pid}/exe`);
  return { pid, atMost: program !== null && basename(program) === 'runsvdir' ? SERVICES_AT_MOST : null };
}

/** Its directory is one of its words. Whose working directory cannot be seen is given the benefit of the doubt. */
function watches(pid: number, scandir: string): boolean {
  const words = commandLine(pid) ?? [];
  const name = words.slice(0, 2).findIndex((word) => basename(word) === 'runsvdir');
  if (name === -1) return false;
  const home = linkTarget(`/proc/${pid}/cwd`);
  if (home === scandir) return true;
  return words.slice(name + 1).some((word) => {
    if (word.startsWith('-')) return false;
    return home === null && !word.startsWith('/') ? true : realPathOf(resolve(home ?? '/', word)) === scandir;
  });
}

function realPathOf(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}
