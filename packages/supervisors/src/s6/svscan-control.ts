/** The FIFO by which an s6-svscan, or the embedded tree, is told. */
import { isRead, writeFifo } from '@muster/posix/fifo';
import type { ScanLetter } from '@muster/protocol/s6/control';

export function isWatched(scandir: string): boolean {
  return isRead(controlOf(scandir));
}

export function orderScandir(scandir: string, letters: readonly ScanLetter[]): void {
  writeFifo(controlOf(scandir), Buffer.from(letters.join('')));
}

function controlOf(scandir: string): string {
  return `${scandir}/.s6-svscan/control`;
}
