/**
 * What a service writes to its `notification-fd`: a newline, once it is ready. It goes through a FIFO in `supervise/`, which the
 * service has open for reading as well: if the tree is killed, what it writes waits there, and it gets no SIGPIPE.
 *
 * What is in a FIFO is gone once nobody has it open: a service that has written, and closed the descriptor, while no tree was
 * there (or while one was killed that had not read yet) would have said nothing. But with each write the kernel stamps the
 * file, and that stays. So the FIFO is made with a time that no write gives, and gets it again when what was read was
 * nothing. A FIFO that has another time and nothing in it: the newline was in it.
 */
import { closeSync, constants, fstatSync, futimesSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { makeFifo } from '@muster/posix/fifo';

/** Seconds since the epoch. */
const UNWRITTEN = 0;
const NEWLINE = 10;
const notes = Buffer.alloc(4096);
/** In one look, so that a service which never stops writing takes no more than its share: as much as a FIFO holds. */
const READS_AT_MOST = 16;

/** `open`: it can still come. `closed`: nobody has the FIFO open any more, and none has come. */
export type Notified = 'yes' | 'open' | 'closed';

export interface OfferedNotification {
  readonly notification: Notification;
  /** The service's end, to be closed once it has it. */
  readonly childs: number;
}

export class Notification {
  /** Something was read, and it was no newline. */
  #saidOther = false;

  constructor(
    /** To be watched. */
    readonly descriptor: number,
    readonly path: string,
  ) {}

  /** For a service that is about to be started. Throws SystemError or ErrnoException. */
  static offer(directory: string): OfferedNotification {
    const path = pathIn(directory);
    makeUnwritten(path);
    const notification = Notification.take(directory);
    try {
      return { notification, childs: openSync(path, constants.O_RDWR) };
    } catch (error) {
      notification.close();
      throw error;
    }
  }

  /** Of a service that another life of the tree has started. Throws ErrnoException. */
  static take(directory: string): Notification {
    const path = pathIn(directory);
    return new Notification(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW), path);
  }

  /** Reads what is there. */
  look(): Notified {
    for (let reads = 0; reads < READS_AT_MOST; reads++) {
      const length = this.#read();
      if (length === null) return 'open';
      if (length === 0) return 'closed';
      if (notes.subarray(0, length).includes(NEWLINE)) return 'yes';
      this.#saidOther = true;
      // What is written from here on is read next, or gives the file a time again.
      this.#forgetWrites();
    }
    return 'open';
  }

  /**
   * The first look at one that was taken. What an earlier life of the tree has read and not told counts, and what was lost
   * unread. `unknown`: the file system does not stamp FIFOs, and something may have been lost.
   */
  lookBack(): Notified | 'unknown' {
    const wasWritten = this.#wasWritten();
    const seen = this.look();
    if (seen === 'yes' || (wasWritten && !this.#saidOther)) return 'yes';
    return seen === 'closed' && !this.#saidOther && !isStamped(this.path) ? 'unknown' : seen;
  }

  close(): void {
    closeSync(this.descriptor);
  }

  /** Null: nothing is there now. */
  #read(): number | null {
    try {
      return readSync(this.descriptor, notes, 0, notes.length, null);
    } catch {
      return null;
    }
  }

  #wasWritten(): boolean {
    return fstatSync(this.descriptor).mtimeMs !== UNWRITTEN * 1000;
  }

  #forgetWrites(): void {
    futimesSync(this.descriptor, UNWRITTEN, UNWRITTEN);
  }
}

function pathIn(directory: string): string {
  return `${directory}/supervise/notification`;
}

function makeUnwritten(path: string): void {
  unlinkQuietly(path);
  makeFifo(path, 0o600);
  const fifo = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  try {
    futimesSync(fifo, UNWRITTEN, UNWRITTEN);
  } finally {
    closeSync(fifo);
  }
}

/** Whether writing to a FIFO beside this one gives it a time: overlayfs does not do so. */
function isStamped(path: string): boolean {
  const trial = `${path}.trial`;
  try {
    makeUnwritten(trial);
    const fifo = openSync(trial, constants.O_RDWR | constants.O_NONBLOCK);
    try {
      writeSync(fifo, '\n');
      return fstatSync(fifo).mtimeMs !== UNWRITTEN * 1000;
    } finally {
      closeSync(fifo);
    }
  } catch {
    return false;
  } finally {
    unlinkQuietly(trial);
  }
}

function unlinkQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // There was none.
  }
}
