/** Joining a scandir that s6-svscan watches, and leaving it. */
import { renameSync, rmSync, symlinkSync } from 'node:fs';
import { linkTarget } from '@muster/posix/absence';
import { isRead, writeFifo } from '@muster/posix/fifo';
import type { ScanLetter } from './control.ts';

export interface Entry {
  /** In the scandir. */
  readonly name: string;
  /** The service directory. */
  readonly target: string;
}

export function isWatched(scandir: string): boolean {
  return isRead(controlOf(scandir));
}

/** Makes the links that are missing or lead elsewhere. */
export function linkInto(scandir: string, entries: Iterable<Entry>): void {
  for (const { name, target } of entries) {
    const link = `${scandir}/${name}`;
    if (linkTarget(link) === target) continue;
    // A name with a dot is no service yet.
    const unfinished = `${scandir}/.${name}.new`;
    rmSync(unfinished, { force: true });
    symlinkSync(target, unfinished);
    renameSync(unfinished, link);
  }
}

/** Removes the links that lead to these service directories. */
export function unlinkFrom(scandir: string, entries: Iterable<Entry>): void {
  for (const { name, target } of entries) {
    const link = `${scandir}/${name}`;
    if (linkTarget(link) === target) rmSync(link, { force: true });
  }
}

export function tellScandir(scandir: string, letters: readonly ScanLetter[]): void {
  writeFifo(controlOf(scandir), Buffer.from(letters.join('')));
}

function controlOf(scandir: string): string {
  return `${scandir}/.s6-svscan/control`;
}
