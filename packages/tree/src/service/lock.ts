/** `lock-fd`: the service holds a lock on a descriptor for as long as it, or anything that it left behind, lives. */
import { closeSync, constants, fstatSync, ftruncateSync } from 'node:fs';
import { join } from 'node:path';
import { tryLockWhole } from '@muster/posix/flock';
import { openLockFile } from '@muster/posix/lock';
import { RUN_FILE, SERVICE_LOCK, SETTING } from '@muster/store/live/service-files';
import type { Program } from '../system/system.ts';
import type { ServiceFiles } from './files.ts';
import type { PassedDescriptors } from './streams.ts';
import type { SupervisedService } from './supervised-service.ts';

export interface LockedStart extends PassedDescriptors {
  readonly program: Program;
}

/** Waits for the lock in place of the service, which is then executed in the same process. */
const WAIT = `flock "$1" && exec ./${RUN_FILE} "$2"`;

export function lockDescriptor(service: SupervisedService, files: ServiceFiles): LockedStart | 'invalid' {
  const program = service.host.system.processes.programIn(service.directory, RUN_FILE, [service.name]);
  const plain = { program, descriptors: [], close: () => {} };
  const number = files.number(SETTING.lockFd);
  if (number === undefined) return plain;
  if (number === 0) {
    service.warn('invalid lock-fd');
    return plain;
  }
  if (number === files.number(SETTING.notificationFd)) {
    service.warn('unable to start: notification-fd and lock-fd are the same');
    return 'invalid';
  }
  const file = openLockFile(join(service.directory, SERVICE_LOCK), constants.O_RDWR | constants.O_CREAT);
  if (fstatSync(file).size > 0) {
    ftruncateSync(file);
    service.warn('a previous instance of the service wrote to the lock file');
  }
  const start = { descriptors: [[file, number]] as const, close: () => closeSync(file) };
  if (tryLockWhole(file)) return { ...start, program };
  service.warn('another instance of the service is still running: the new one waits for its lock');
  const argv = ['sh', '-c', WAIT, 'sh', String(number), service.name];
  return { ...start, program: { path: '/bin/sh', argv } };
}
