import { statSync, utimesSync } from 'node:fs';

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
