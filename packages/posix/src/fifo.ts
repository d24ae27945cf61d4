/** Named pipes: made, written without ever blocking, and read as they come. */
import { closeSync, constants, fstatSync, lstatSync, openSync, rmSync, writeSync } from 'node:fs';
import { constants as os } from 'node:os';
import { errno, libc, SystemError } from './libc.ts';
import { waitingBytes } from './poll.ts';
import { cString } from './strings.ts';

/** Throws SystemError, also if `path` exists. */
export function makeFifo(path: string, mode: number): void {
  if (libc().mkfifo(cString(path), mode) === -1) throw new SystemError('mkfifo', errno(), path);
}

/** Makes it unless it is there; anything else that is there is removed first. Throws SystemError or ErrnoException. */
export function ensureFifo(path: string, mode: number): void {
  if (libc().mkfifo(cString(path), mode) === 0) return;
  const cause = errno();
  if (cause !== os.errno.EEXIST) throw new SystemError('mkfifo', cause, path);
  if (lstatSync(path).isFIFO()) return;
  rmSync(path, { recursive: true, force: true });
  makeFifo(path, mode);
}

const F_SETPIPE_SZ = 1031;

/** Gives the pipe room for `size` bytes if the system allows that; otherwise it stays as it is. */
export function enlargePipe(pipe: number, size: number): void {
  libc().fcntl(pipe, F_SETPIPE_SZ, size);
}

/**
 * Writes `bytes` (at most 4,096, so that they arrive in one piece) to a FIFO that somebody reads. `unread`: nobody has it
 * open for reading, or it does not exist. `full`: its reader is too slow; nothing was written. Throws ErrnoException.
 */
export function writeFifo(path: string, bytes: Uint8Array): 'written' | 'unread' | 'full' {
  const fifo = openFifoForWriting(path);
  if (fifo === null) return 'unread';
  try {
    return writeToFifo(fifo, bytes);
  } finally {
    closeSync(fifo);
  }
}

/** A descriptor that never blocks, or null if nobody reads the FIFO, or what is there is none. Throws ErrnoException. */
export function openFifoForWriting(path: string): number | null {
  try {
    const descriptor = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    if (fstatSync(descriptor).isFIFO()) return descriptor;
    closeSync(descriptor);
    return null;
  } catch (error) {
    if (NOBODY_READS.has((error as NodeJS.ErrnoException).code)) return null;
    throw error;
  }
}

/** ENXIO: it is a socket, or a FIFO without a reader. */
const NOBODY_READS: ReadonlySet<string | undefined> = new Set(['ENXIO', 'ENOENT', 'ENOTDIR', 'EISDIR']);

/** Likewise, to one that `openFifoForWriting` has opened. */
export function writeToFifo(fifo: number, bytes: Uint8Array): 'written' | 'unread' | 'full' {
  try {
    writeSync(fifo, bytes);
    return 'written';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EPIPE') return 'unread';
    if (code === 'EAGAIN') return 'full';
    throw error;
  }
}

/** Bytes in it that nobody has read yet; 0 also if nobody has it open for reading. Throws ErrnoException. */
export function unreadIn(path: string): number {
  const fifo = openFifoForWriting(path);
  if (fifo === null) return 0;
  try {
    return waitingBytes(fifo);
  } finally {
    closeSync(fifo);
  }
}

/** A descriptor to read from that never blocks; it can be opened before anybody writes. Throws ErrnoException. */
export function openFifoForReading(path: string): number {
  return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
}

/**
 * Whether anybody has the FIFO open for reading: so a supervisor that listens to its control FIFO is told from one that is
 * gone. Who may not write to it cannot ask, and takes what can be read for the truth. Throws ErrnoException.
 */
export function isRead(path: string): boolean {
  let fifo: number | null;
  try {
    fifo = openFifoForWriting(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EACCES') return true;
    throw error;
  }
  if (fifo !== null) closeSync(fifo);
  return fifo !== null;
}
