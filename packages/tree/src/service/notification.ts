/**
 * What a service writes to its `notification-fd`: a newline, once it is ready. It goes through a FIFO in `supervise/`, which the
 * service has open for reading as well: if the tree is killed, what it writes waits there, and it gets no SIGPIPE.
 *
 * What is in a FIFO is gone once nobody has it open: a service that has written, and closed the descriptor, while no tree was
 * there (or while one was killed that had not read yet) would have said nothing. But with each write the kernel stamps the
 * file, and that stays. So the FIFO is made with a time that no write gives, and gets it again when what was read was
 * nothing. A FIFO that has another time and nothing in it: the newline was in it.
 */
import { NOTIFICATION_FIFO } from '@muster/store/live/service-files';
import type { Files } from '../system/system.ts';

/** Milliseconds since the epoch. */
const UNWRITTEN = 0;
const NEWLINE = 10;
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
    readonly files: Files,
  ) {}

  /** For a service that is about to be started. Throws SystemError or ErrnoException. */
  static offer(directory: string, files: Files): OfferedNotification {
    files.makeFifo(pathIn(directory));
    const notification = Notification.take(directory, files);
    try {
      notification.#forgetWrites();
      return { notification, childs: files.openFifoBothWays(notification.path) };
    } catch (error) {
      notification.close();
      throw error;
    }
  }

  /** Of a service that another life of the tree has started. Throws ErrnoException. */
  static take(directory: string, files: Files): Notification {
    const path = pathIn(directory);
    return new Notification(files.openFifo(path), path, files);
  }

  /** Reads what is there. */
  look(): Notified {
    for (let reads = 0; reads < READS_AT_MOST; reads++) {
      const notes = this.files.readFifo(this.descriptor);
      if (notes === null) return 'open';
      if (notes.length === 0) return 'closed';
      if (notes.includes(NEWLINE)) return 'yes';
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
    return seen === 'closed' && !this.#saidOther && !this.files.stampsFifos(this.path) ? 'unknown' : seen;
  }

  close(): void {
    this.files.close(this.descriptor);
  }

  #wasWritten(): boolean {
    return this.files.fifoTime(this.descriptor) !== UNWRITTEN;
  }

  #forgetWrites(): void {
    this.files.setFifoTime(this.descriptor, UNWRITTEN);
  }
}

function pathIn(directory: string): string {
  return `${directory}/${NOTIFICATION_FIFO}`;
}
