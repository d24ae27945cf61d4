/** `down` in a service directory: the service is not started when its supervisor begins. */
import { unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Dossier } from './dossier.ts';

export function makeDownFile(dossier: Dossier): void {
  try {
    writeFileSync(join(dossier.directory, 'down'), '');
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
