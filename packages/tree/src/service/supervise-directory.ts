/** `supervise/` and `event/` in a service directory, whose names and contents are s6-supervise's. */

import { type Death, decodeDeaths, encodeDeaths } from '@muster/protocol/s6/death-tally';
import { decodeStatus, encodeStatus, type Status } from '@muster/protocol/s6/status';
import { DONE } from '@muster/protocol/success-codes';
import {
  COUNTED_FILE,
  DEATH_TALLY,
  EMBEDDED_FAILED_FILE,
  EVENT_DIRECTORY,
  SUPERVISE_STATUS,
} from '@muster/store/live/service-files';
import type { ControlPipe, Loop, System } from '../system/system.ts';
import type { CountedDeath } from './restarts.ts';

/** Milliseconds: a change within one step of the clock that stamps files could not be told from the one before. */
const CLOCK_STEP = 50;

export class SuperviseDirectory {
  #event = '';
  #failed = '';
  #status = '';
  #tally = '';
  #counted = '';
  /** When `event/` was last changed, if it was found empty after that; 0 if it must be looked at. */
  #emptySince = 0;
  #isUnheard: boolean;
  readonly #control: ControlPipe;

  /** Throws `Occupied`, SystemError or ErrnoException. A status should be written right after it. */
  constructor(
    directory: string,
    readonly system: Pick<System, 'clock' | 'files'>,
    readonly loop: Loop,
    command: (letter: string) => void,
  ) {
    this.follow(directory);
    this.#control = system.files.takeControl(directory);
    this.#isUnheard = this.#control.isUnheard;
    try {
      loop.watch(this.descriptor, () => {
        for (const letter of this.#control.read()) command(letter);
      });
    } catch (error) {
      // It is no FIFO.
      this.close();
      throw error;
    }
  }

  /** The directory has this name from now on. */
  follow(directory: string): void {
    this.#event = `${directory}/${EVENT_DIRECTORY}`;
    this.#failed = `${directory}/${EMBEDDED_FAILED_FILE}`;
    this.#status = `${directory}/${SUPERVISE_STATUS}`;
    this.#tally = `${directory}/${DEATH_TALLY}`;
    this.#counted = `${directory}/${COUNTED_FILE}`;
  }

  /** The lowest that was free when the directory was opened. */
  get descriptor(): number {
    return this.#control.descriptor;
  }

  /** Nobody has supervised the service before. */
  get isNew(): boolean {
    return this.#control.isNew;
  }

  readStatus(): Status | undefined {
    try {
      return decodeStatus(this.system.files.read(this.#status));
    } catch {
      return undefined;
    }
  }

  writeStatus(status: Status): void {
    this.system.files.replace(this.#status, encodeStatus(status));
  }

  readDeaths(): Death[] {
    try {
      return decodeDeaths(this.system.files.read(this.#tally));
    } catch {
      return [];
    }
  }

  writeDeaths(deaths: readonly Death[]): void {
    this.system.files.replace(this.#tally, encodeDeaths(deaths));
  }

  /** The deaths that `restart-limit` counts, the newest last. */
  readCounted(): CountedDeath[] {
    try {
      const lines = this.system.files.read(this.#counted).toString('utf8').split('\n').filter(Boolean);
      return lines.map(countedIn).filter(({ at }) => Number.isFinite(at));
    } catch {
      return [];
    }
  }

  writeCounted(deaths: readonly CountedDeath[]): void {
    const { files } = this.system;
    if (deaths.length === 0) files.remove(this.#counted);
    else
      files.replace(
        this.#counted,
        Buffer.from(deaths.map(({ at, pid, startTime }) => `${at} ${pid} ${startTime}\n`).join('')),
      );
  }

  /** Leaves word, for whoever asks later, that nobody stopped the service: it was given up. */
  writeFailure(): void {
    this.system.files.replace(this.#failed, Buffer.alloc(0));
  }

  /** Likewise that it has ended as it may. */
  writeDone(): void {
    this.system.files.replace(this.#failed, Buffer.from(DONE));
  }

  forgetEnd(): void {
    this.system.files.remove(this.#failed);
  }

  forgetDeaths(): void {
    this.system.files.makeEmpty(this.#tally);
  }

  /** Lists `event/` only if it may have changed since nobody was found there. */
  notify(letters: string): void {
    const { clock, files } = this.system;
    // The event is that it was made.
    if (this.#isUnheard) {
      this.#isUnheard = false;
      return;
    }
    const changed = files.modifiedAt(this.#event);
    // The service directory may have been taken away from under its supervisor.
    if (changed === undefined || changed === this.#emptySince) return;
    const isEmpty = files.notifyFifodir(this.#event, letters) === 0;
    this.#emptySince = isEmpty && clock.wallTime() - changed > CLOCK_STEP ? changed : 0;
  }

  close(): void {
    this.loop.unwatch(this.descriptor);
    this.#control.close();
  }
}

/** Older trees wrote less of it: the time, or that and the pid. */
function countedIn(line: string): CountedDeath {
  const [at, pid = 0, startTime = 0] = line.split(' ').map(Number);
  return { at: at!, pid, startTime };
}
