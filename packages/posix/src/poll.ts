/** Whether a descriptor can be read without waiting. */
import { ptr } from 'bun:ffi';
import { errno, libc, SystemError } from './libc.ts';

const POLLIN = 1;

/** Also true at the end of file. Throws SystemError. */
export function isReadable(descriptor: number): boolean {
  // struct pollfd: i32 descriptor, i16 asked for, i16 found.
  const request = new DataView(new ArrayBuffer(8));
  request.setInt32(0, descriptor, true);
  request.setInt16(4, POLLIN, true);
  const found = libc().poll(ptr(request), 1, 0);
  if (found === -1) throw new SystemError('poll', errno());
  return found > 0;
}
