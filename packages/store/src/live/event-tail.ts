/** Reading on in the events of a live directory. */
import { closeSync, fstatSync, statSync } from 'node:fs';
import { openRegular } from '@muster/posix/regular-file';
import { type RecordedEvent, readEvents } from './events.ts';
import type { LivePaths } from './paths.ts';

/** Goes on after an event; the last ones of a live directory that has just been removed are read as well. */
export class EventTail {
  /** The number of the last event that was read. */
  last: number;
  readonly #paths: Pick<LivePaths, 'events'>;
  #held: number | null = null;

  constructor(paths: Pick<LivePaths, 'events'>, last: number) {
    this.#paths = paths;
    this.last = last;
  }

  /** What has come since, oldest first. */
  next(): RecordedEvent[] {
    const isThere = this.#hold();
    // What a descriptor still leads to has no name any more.
    const paths = isThere || this.#held === null ? this.#paths : { events: `/proc/self/fd/${this.#held}` };
    const events = readEvents(paths, this.last);
    this.last = events.at(-1)?.seq ?? this.last;
    return events;
  }

  close(): void {
    if (this.#held !== null) closeSync(this.#held);
    this.#held = null;
  }

  /** Has the file open that is there now. False if there is none. */
  #hold(): boolean {
    const now = statSync(this.#paths.events, { throwIfNoEntry: false });
    if (now === undefined) return false;
    if (this.#held !== null && fstatSync(this.#held).ino === now.ino) return true;
    this.close();
    try {
      this.#held = openRegular(this.#paths.events).descriptor;
      return true;
    } catch {
      // It went away in between, or is no file.
      return false;
    }
  }
}
