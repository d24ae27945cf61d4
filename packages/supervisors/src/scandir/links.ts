/** Links in a scandir that belongs to somebody else. Nobody else's entries are touched. */
import { lstatSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { linkTarget } from '@muster/posix/absence';
import { runtime } from '@muster/posix/runtime/runtime';
import { isOwnLink } from '@muster/store/live/own-link';
import type { Entry } from './entries.ts';

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
