/** `down` in a service directory: the service is not started when its supervisor begins. */
import { unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceRecord } from './record.ts';

export function makeDownFile(record: ServiceRecord): void {
  try {
    writeFileSync(join(record.directory, 'down'), '');
  } catch (error) {
    record.warn(`unable to create down: ${error}`);
  }
}

export function removeDownFile(record: ServiceRecord): void {
  try {
    unlinkSync(join(record.directory, 'down'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') record.warn(`unable to remove down: ${error}`);
  }
}
