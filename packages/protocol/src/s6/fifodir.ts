/**
 * Event directories. Who wants to know makes a FIFO in `event/`, opens it for reading, and then receives one letter for
 * each event. FIFOs whose reader is gone are unlinked by the next event; a reader that is too slow loses letters.
 */
import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { namesIn } from '@muster/posix/absence';

/** As s6 names its FIFOs: a time in TAI64N, and six random letters. */
const PREFIX = 'ftrig1:@';
const NAME_LENGTH = 39;
/** Whoever has the supervisor's group may subscribe; nobody may remove another's FIFO. */
const MODE = 0o3730;

/** Makes `path` unless it exists, in which case its rights are left alone. True if it did not. */
export function makeFifodir(path: string): boolean {
  try {
    mkdirSync(path, 0o700);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
  chownSync(path, -1, process.getegid!());
  chmodSync(path, MODE);
  return true;
}

/** Writes `letters` to every subscriber. Never blocks; a FIFO without reader is unlinked. Returns how many there were. */
export function notifyFifodir(path: string, letters: string): number {
  const fifos = subscriptions(path);
  for (const fifo of fifos) {
    const fd = openForWriting(fifo);
    if (fd === undefined) continue;
    try {
      writeSync(fd, letters);
    } catch (error) {
      if (codeOf(error) === 'EPIPE') unlinkQuietly(fifo);
    } finally {
      closeSync(fd);
    }
  }
  return fifos.length;
}

/** Unlinks the FIFOs that nobody reads. */
export function cleanFifodir(path: string): void {
  for (const fifo of subscriptions(path)) {
    const fd = openForWriting(fifo);
    if (fd !== undefined) closeSync(fd);
  }
}

function subscriptions(path: string): string[] {
  return namesIn(path)
    .filter((name) => name.length === NAME_LENGTH && name.startsWith(PREFIX))
    .map((name) => join(path, name));
}

function openForWriting(fifo: string): number | undefined {
  try {
    // A link could lead anywhere, and be a file under another name; whoever is in the supervisor's group may make one.
    const fd = openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    if (fstatSync(fd).isFIFO()) return fd;
    closeSync(fd);
    return undefined;
  } catch (error) {
    if (codeOf(error) === 'ENXIO') unlinkQuietly(fifo);
    return undefined;
  }
}

function unlinkQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Somebody else has removed it.
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
