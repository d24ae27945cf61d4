/** Pipes of our own. */
import { errno, libc, O_CLOEXEC, SystemError } from './libc.ts';

const F_DUPFD_CLOEXEC = 1030;

/** Both ends, close-on-exec. Throws SystemError. */
export function makePipe(): { readonly reading: number; readonly writing: number } {
  const ends = new Int32Array(2);
  if (libc().pipe2(ends, O_CLOEXEC) === -1) throw new SystemError('pipe2', errno());
  return { reading: ends[0]!, writing: ends[1]! };
}

/** A copy of `descriptor`, close-on-exec, with the lowest number from `least` on that is free. Throws SystemError. */
export function copyDescriptor(descriptor: number, least: number): number {
  const copy = libc().fcntl(descriptor, F_DUPFD_CLOEXEC, least);
  if (copy < 0) throw new SystemError('fcntl', errno());
  return copy;
}
