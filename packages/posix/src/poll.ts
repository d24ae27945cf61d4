/** What a descriptor has to read, and waiting until it can be written. */
import { constants as os } from 'node:os';
import { errno, libc, SystemError } from './libc.ts';

const POLLPRI = 2;
const POLLOUT = 4;
const FOR_EVER = -1;
const FIONREAD = 0x541b;

/** Bytes that can be read from a pipe, socket or terminal right now; 0 for what cannot tell. */
export function waitingBytes(descriptor: number): number {
  const count = new Int32Array(1);
  return libc().ioctl(descriptor, FIONREAD, count) === 0 ? count[0]! : 0;
}

/** Whether a file of /proc that tells of changes, as `mountinfo` does, has changed since it was last asked so. Throws SystemError. */
export function hasChanged(descriptor: number): boolean {
  const found = libc().poll(pollRequest(descriptor, POLLPRI), 1, 0);
  if (found === -1 && errno() !== os.errno.EINTR) throw new SystemError('poll', errno());
  return found !== 0;
}

/** Returns also when nobody reads any more, or a signal comes. Throws SystemError. */
export function waitUntilWritable(descriptor: number): void {
  const found = libc().poll(pollRequest(descriptor, POLLOUT), 1, FOR_EVER);
  if (found === -1 && errno() !== os.errno.EINTR) throw new SystemError('poll', errno());
}

/** Whether something can be written now: to a pipe, 4,096 bytes. Also if nobody reads any more. */
export function isWritable(descriptor: number): boolean {
  return libc().poll(pollRequest(descriptor, POLLOUT), 1, 0) !== 0;
}

/** struct pollfd: i32 descriptor, i16 asked for, i16 found. */
function pollRequest(descriptor: number, events: number): DataView {
  const request = new DataView(new ArrayBuffer(8));
  request.setInt32(0, descriptor, true);
  request.setInt16(4, events, true);
  return request;
}
