/** `supervise/` and `event/` in a service directory: made as s6-supervise makes them, locked, and listened to. */
import { closeSync, constants, lstatSync, mkdirSync, openSync, readlinkSync, readSync } from 'node:fs';
import { resolve } from 'node:path';
import { ensureFifo } from '@muster/posix/fifo';
import { Held, lockWholeFile, type RangeLocks } from '@muster/posix/lock';
import { cleanFifodir, makeFifodir } from '@muster/protocol/s6/fifodir';
import { CONTROL_FIFO, EVENT_DIRECTORY, SUPERVISE, SUPERVISE_LOCK } from '@muster/store/live/service-files';
import type { ControlPipe } from './system.ts';

const letters = Buffer.alloc(512);

/** Another supervisor runs on the same service directory, or another tree on the same scandir. */
export class Occupied extends Error {
  override readonly name = 'Occupied';

  constructor(directory: string, { holder }: Held) {
    super(`${directory} is supervised by another process${holder === null ? '' : ` (pid ${holder})`}`);
  }
}

/** The lock comes last: clients take it to mean that somebody listens. Throws `Occupied`, SystemError or ErrnoException. */
export function takeControl(directory: string): ControlPipe {
  const control = `${directory}/${CONTROL_FIFO}`;
  const event = `${directory}/${EVENT_DIRECTORY}`;
  const umask = process.umask(0);
  try {
    const isUnheard = makeFifodir(event);
    const isNew = makeDirectory(`${directory}/${SUPERVISE}`, 0o755);
    ensureFifo(control, 0o600);
    if (!isUnheard) cleanFifodir(event);
    // Opened for writing too, so that it never ends.
    const descriptor = openSync(control, constants.O_RDWR | constants.O_NONBLOCK);
    const lock = lockOrClose(`${directory}/${SUPERVISE_LOCK}`, directory, descriptor);
    const close = () => {
      closeSync(descriptor);
      lock.close();
    };
    return { descriptor, isNew, isUnheard, read: () => readLetters(descriptor), close };
  } finally {
    process.umask(umask);
  }
}

function lockOrClose(path: string, directory: string, control: number): RangeLocks {
  try {
    const lock = lockWholeFile(path);
    if (lock instanceof Held) throw new Occupied(directory, lock);
    return lock;
  } catch (error) {
    closeSync(control);
    throw error;
  }
}

/**
 * For everybody to look into, unlike s6's, so that rc-status works for everybody; what can be written to, or locked, is the
 * owner's. A symbolic link to what does not exist yet is how people keep `supervise` elsewhere. True if it was not there.
 */
export function makeDirectory(path: string, mode: number): boolean {
  try {
    mkdirSync(path, mode);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    if (lstatSync(path).isSymbolicLink()) mkdirSync(resolve(path, '..', readlinkSync(path)), { recursive: true, mode });
    return false;
  }
}

/** Who never stops writing takes no more than its share. */
function readLetters(control: number): string {
  try {
    return letters.toString('latin1', 0, readSync(control, letters, 0, letters.length, null));
  } catch {
    return '';
  }
}
