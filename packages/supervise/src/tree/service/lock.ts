/** `lock-fd`: the service holds a lock on a descriptor for as long as it, or anything that it left behind, lives. */
import { closeSync, constants, fstatSync, ftruncateSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { tryLockWhole } from '@muster/posix/flock';
import type { ServiceFiles } from './files.ts';
import type { ServiceRecord } from './record.ts';
import type { PassedDescriptors } from './streams.ts';

export interface LockedStart extends PassedDescriptors {
  readonly path: string;
  /** Before the service's name. */
  readonly argv: readonly string[];
}

const PLAIN: LockedStart = { path: './run', argv: ['run'], descriptors: [], close: () => {} };
/** Waits for the lock in place of the service, which is then executed in the same process. */
const WAIT = 'flock "$1" && exec ./run "$2"';

export function lockDescriptor(service: ServiceRecord, files: ServiceFiles): LockedStart | 'invalid' {
  const number = files.number('lock-fd');
  if (number === undefined) return PLAIN;
  if (number === 0) {
    service.warn('invalid lock-fd');
    return PLAIN;
  }
  if (number === files.number('notification-fd')) {
    service.warn('unable to start: notification-fd and lock-fd are the same');
    return 'invalid';
  }
  const file = openSync(join(service.directory, 'supervise/service-lock'), constants.O_RDWR | constants.O_CREAT, 0o600);
  if (fstatSync(file).size > 0) {
    ftruncateSync(file);
    service.warn('a previous instance of the service wrote to the lock file');
  }
  const start = { descriptors: [[file, number]] as const, close: () => closeSync(file) };
  if (tryLockWhole(file)) return { ...start, path: './run', argv: ['run'] };
  service.warn('another instance of the service is still running: the new one waits for its lock');
  return { ...start, path: '/bin/sh', argv: ['sh', '-c', WAIT, 'sh', String(number)] };
}
