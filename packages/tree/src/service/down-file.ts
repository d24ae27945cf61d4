/** `down` in a service directory: the service is not started when its supervisor begins. */
import { closeSync, constants, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { openRegular } from '@muster/posix/regular-file';
import type { SupervisedService } from './supervised-service.ts';

export function makeDownFile(service: SupervisedService): void {
  try {
    const flags = constants.O_WRONLY | constants.O_CREAT;
    closeSync(openRegular(join(service.directory, 'down'), { flags, mode: 0o644, follow: true }).descriptor);
  } catch (error) {
    service.warn(`unable to create down: ${error}`);
  }
}

export function removeDownFile(service: SupervisedService): void {
  try {
    unlinkSync(join(service.directory, 'down'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') service.warn(`unable to remove down: ${error}`);
  }
}
