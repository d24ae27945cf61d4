/** `supervise/` and `event/` in a service directory: made as s6-supervise makes them, locked, and listened to. */
import {
  closeSync,
  constants,
  lstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
  readSync,
  rmSync,
  statSync,
} from 'node:fs';
import { resolve } from 'node:path';
import { ensureFifo } from '@muster/posix/fifo';
import { Held, lockWholeFile, type RangeLocks } from '@muster/posix/lock';
import type { Reactor } from '@muster/posix/reactor';
import { openOwn, readRegular, readRegularText } from '@muster/posix/regular-file';
import { replaceFile } from '@muster/posix/replace-file';
import { type Death, decodeDeaths, encodeDeaths } from '@muster/protocol/s6/death-tally';
import { cleanFifodir, makeFifodir, notifyFifodir } from '@muster/protocol/s6/fifodir';
import { decodeStatus, encodeStatus, type Status } from '@muster/protocol/s6/status';
import { EMBEDDED_FAILED_FILE } from '@muster/store/live/service-files';

/** Milliseconds: a change within one step of the clock that stamps files could not be told from the one before. */
const CLOCK_STEP = 50;
const commands = Buffer.alloc(512);

/** Another supervisor runs on the same service directory, or another tree on the same scandir. */
export class Occupied extends Error {
  override readonly name = 'Occupied';

  constructor(directory: string, { holder }: Held) {
    super(`${directory} is supervised by another process${holder === null ? '' : ` (pid ${holder})`}`);
  }
}

export class SuperviseDirectory {
  #event = '';
  #failed = '';
  #status = '';
  #newStatus = '';
  #tally = '';
  #counted = '';
  /** When `event/` was last changed, if it was found empty after that; 0: it must be looked at. */
  #emptySince = 0;
  readonly #lock: RangeLocks;
  readonly #control: number;
  /** Nobody has supervised the service before. */
  readonly isNew: boolean;

  /**
   * Throws `Occupied`, SystemError or ErrnoException. Clients take the lock to mean that somebody listens: it comes last, and
   * a status should be written right after it.
   */
  constructor(
    directory: string,
    readonly reactor: Reactor,
    command: (letter: string) => void,
  ) {
    const supervise = `${directory}/supervise`;
    this.follow(directory);
    const umask = process.umask(0);
    try {
      makeFifodir(this.#event);
      this.isNew = makeDirectory(supervise, 0o755);
      ensureFifo(`${supervise}/control`, 0o600);
      cleanFifodir(this.#event);
      // Opened for writing too, so that it never ends.
      this.#control = openSync(`${supervise}/control`, constants.O_RDWR | constants.O_NONBLOCK);
      this.#lock = this.#lockOrLeave(`${supervise}/lock`, directory);
    } finally {
      process.umask(umask);
    }
    try {
      reactor.watch(this.#control, () => readLetters(this.#control, command));
    } catch (error) {
      // It is no FIFO.
      this.close();
      throw error;
    }
  }

  /** The directory has this name from now on. */
  follow(directory: string): void {
    this.#event = `${directory}/event`;
    this.#failed = `${directory}/${EMBEDDED_FAILED_FILE}`;
    this.#status = `${directory}/supervise/status`;
    this.#newStatus = `${directory}/supervise/status.new`;
    this.#tally = `${directory}/supervise/death_tally`;
    this.#counted = `${directory}/supervise/counted`;
  }

  /** The lowest that was free when the directory was opened. */
  get descriptor(): number {
    return this.#control;
  }

  readStatus(): Status | undefined {
    try {
      return decodeStatus(readRegular(this.#status));
    } catch {
      return undefined;
    }
  }

  writeStatus(status: Status): void {
    replaceFile(this.#newStatus, this.#status, encodeStatus(status));
  }

  readDeaths(): Death[] {
    try {
      return decodeDeaths(readRegular(this.#tally));
    } catch {
      return [];
    }
  }

  writeDeaths(deaths: readonly Death[]): void {
    replaceFile(`${this.#tally}.new`, this.#tally, encodeDeaths(deaths));
  }

  /** The deaths that `restart-limit` counts: milliseconds since boot, the newest last. */
  readCounted(): number[] {
    try {
      return readRegularText(this.#counted).split('\n').filter(Boolean).map(Number).filter(Number.isFinite);
    } catch {
      return [];
    }
  }

  writeCounted(deaths: readonly number[]): void {
    if (deaths.length === 0) rmSync(this.#counted, { force: true });
    else replaceFile(`${this.#counted}.new`, this.#counted, Buffer.from(deaths.map((at) => `${at}\n`).join('')));
  }

  /** Leaves word, for whoever asks later, that nobody stopped the service: it was given up. */
  writeFailure(): void {
    closeSync(openOwn(this.#failed, { flags: constants.O_WRONLY, mode: 0o644 }).descriptor);
  }

  forgetFailure(): void {
    rmSync(this.#failed, { recursive: true, force: true });
  }

  forgetDeaths(): void {
    closeSync(openOwn(this.#tally, { flags: constants.O_WRONLY | constants.O_TRUNC, mode: 0o666 }).descriptor);
  }

  /** Lists `event/` only if it may have changed since nobody was found there. */
  notify(letters: string): void {
    const status = statSync(this.#event, { throwIfNoEntry: false });
    // The service directory may have been taken away from under its supervisor.
    if (status === undefined || status.mtimeMs === this.#emptySince) return;
    const { mtimeMs } = status;
    const isEmpty = notifyFifodir(this.#event, letters) === 0;
    this.#emptySince = isEmpty && Date.now() - mtimeMs > CLOCK_STEP ? mtimeMs : 0;
  }

  close(): void {
    this.reactor.unwatch(this.#control);
    closeSync(this.#control);
    this.#lock.close();
  }

  #lockOrLeave(path: string, directory: string): RangeLocks {
    try {
      return lockFile(path, directory);
    } catch (error) {
      closeSync(this.#control);
      throw error;
    }
  }
}

function lockFile(path: string, directory: string): RangeLocks {
  const lock = lockWholeFile(path);
  if (lock instanceof Held) throw new Occupied(directory, lock);
  return lock;
}

/**
 * For everybody to look into, unlike s6's, so that rc-status works for everybody; what can be written to, or locked, is the
 * owner's. A symbolic link to what does not exist yet is how people keep `supervise` elsewhere. True: it was not there.
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

/** As many as fit, and what is left in the next turn: who never stops writing takes no more than its share. */
function readLetters(control: number, command: (letter: string) => void): void {
  let length: number;
  try {
    length = readSync(control, commands, 0, commands.length, null);
  } catch {
    return;
  }
  // A command can make the service leave, and the buffer is everybody's.
  for (const letter of commands.toString('latin1', 0, length)) command(letter);
}
