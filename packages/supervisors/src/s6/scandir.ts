/** Joining a scandir that s6-svscan or runsvdir watches, and leaving it. Nobody else's entries are touched. */
import { lstatSync, renameSync, rmSync, statSync, symlinkSync, utimesSync } from 'node:fs';
import { linkTarget } from '@muster/posix/absence';
import { isRead, writeFifo } from '@muster/posix/fifo';
import { runtime } from '@muster/posix/runtime/runtime';
import type { ScanLetter } from '@muster/protocol/s6/control';
import { isOwnLink } from '@muster/store/live/own-link';

export interface Entry {
  /** In the scandir. */
  readonly name: string;
  /** The service directory. */
  readonly target: string;
}

export function isWatched(scandir: string): boolean {
  return isRead(controlOf(scandir));
}

/** Makes the links into the live directory `root` that are missing or lead elsewhere in it. */
export function linkInto(scandir: string, root: string, entries: Iterable<Entry>): void {
  for (const { name, target } of entries) {
    const link = `${scandir}/${name}`;
    if (linkTarget(link) === target) continue;
    if (isSomebodyElses(link, root)) continue;
    // A name with a dot is no service yet. The service's own, with anything added, may be too long for a file.
    const unfinished = `${scandir}/.${runtime.quickHash(name).toString(36)}.new`;
    rmSync(unfinished, { force: true });
    symlinkSync(target, unfinished);
    renameSync(unfinished, link);
  }
}

/** Removes those of the links that lead into the live directory `root`. */
export function unlinkFrom(scandir: string, root: string, entries: Iterable<Entry>): void {
  for (const { name } of entries) {
    const link = `${scandir}/${name}`;
    if (isOwnLink(root, link)) rmSync(link, { force: true });
  }
}

/** There is something of this name, and it does not belong to the live directory `root`. */
export function isSomebodyElses(path: string, root: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined && !isOwnLink(root, path);
}

/**
 * Has runsvdir look again, although every link was there: one that led nowhere when it looked is no change of the
 * scandir. It compares the time stamp by whole seconds. Who may write there without owning it cannot do that.
 */
export function stirScandir(scandir: string): void {
  const stamp = Math.max(Date.now(), statSync(scandir).mtimeMs + 1000) / 1000;
  try {
    utimesSync(scandir, stamp, stamp);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
  }
}

export function tellScandir(scandir: string, letters: readonly ScanLetter[]): void {
  writeFifo(controlOf(scandir), Buffer.from(letters.join('')));
}

function controlOf(scandir: string): string {
  return `${scandir}/.s6-svscan/control`;
}
