/** Whether a descriptor can be read or written without waiting. */
import { ptr } from 'bun:ffi';
import { errno, libc, SystemError } from './libc.ts';

const POLLIN = 1;
const POLLOUT = 4;
const FOR_EVER = -1;
const EINTR = 4;

/** Also true at the end of file. Throws SystemError. */
export function isReadable(descriptor: number): boolean {
  return poll(descriptor, POLLIN, 0);
}

/** Returns also when nobody reads any more. Throws SystemError. */
export function waitUntilWritable(descriptor: number): void {
  poll(descriptor, POLLOUT, FOR_EVER);
}

/** `timeout` in milliseconds, -1: none. */
function poll(descriptor: number, events: number, timeout: number): boolean {
  // struct pollfd: i32 descriptor, i16 asked for, i16 found.
  const request = new DataView(new ArrayBuffer(8));
  request.setInt32(0, descriptor, true);
  request.setInt16(4, events, true);
  const found = libc().poll(ptr(request), 1, timeout);
  if (found === -1 && errno() !== EINTR) throw new SystemError('poll', errno());
  return found > 0;
}
