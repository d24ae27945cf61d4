/** `down` in a service directory: the service is not started when its supervisor begins. */
import { closeSync, constants, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { openRegular } from '@muster/posix/regular-file';
import type { Dossier } from './dossier.ts';

export function makeDownFile(dossier: Dossier): void {
  try {
    const flags = constants.O_WRONLY | constants.O_CREAT;
    closeSync(openRegular(join(dossier.directory, 'down'), { flags, mode: 0o644, follow: true }).descriptor);
  } catch (error) {
    dossier.warn(`unable to create down: ${error}`);
  }
}

export function removeDownFile(dossier: Dossier): void {
  try {
    unlinkSync(join(dossier.directory, 'down'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') dossier.warn(`unable to remove down: ${error}`);
  }
}
