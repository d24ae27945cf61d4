/** `down` in a service directory: the service is not started when its supervisor begins. */
import { join } from 'node:path';
import { DOWN_FILE } from '@muster/store/live/service-files';
import type { SupervisedService } from './supervised-service.ts';

export function makeDownFile(service: SupervisedService): void {
  try {
    service.host.system.files.touch(join(service.directory, DOWN_FILE));
  } catch (error) {
    service.warn(`unable to create down: ${error}`);
  }
}

export function removeDownFile(service: SupervisedService): void {
  try {
    service.host.system.files.unlink(join(service.directory, DOWN_FILE));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') service.warn(`unable to remove down: ${error}`);
  }
}
