/**
 * What supervision needs of the machine: a clock, processes, small files, and the loop that wakes it. All that a service's life
 * (service/), its adoption and the children file do to the world goes through here, in plain functions, so that the same code
 * runs in a simulated world (test/simulation). linux.ts is the only implementation in the product.
 */
import type { Remains } from '@muster/core/execute/ports';
import type { ProcessFacts, ProcessIdentity } from '@muster/posix/process';
import type { Reactor } from '@muster/posix/reactor';
import type { Child } from '@muster/posix/spawn';
import type { Reaped } from '@muster/posix/wait';

export interface System {
  readonly clock: SystemClock;
  readonly processes: ProcessTable;
  readonly files: Files;
}

/** What calls back when a descriptor can be read or a time is up. */
export type Loop = Pick<Reactor, 'after' | 'everyTurn' | 'unwatch' | 'watch'>;

export interface SystemClock {
  /** Milliseconds since boot: for whatever is waited for or compared. Nobody sets this clock. */
  bootTime(): number;
  /** Milliseconds since the epoch: for dates that people and s6's tools read, and nothing else. */
  wallTime(): number;
  /** In milliseconds. Nothing else is done meanwhile. */
  sleep(duration: number): void;
}

/** How a program is executed. */
export interface Program {
  readonly path: string;
  readonly argv: readonly string[];
}

/** The functions of packages/posix that have these names, where nothing else is said. */
export interface ProcessTable {
  /** This process. */
  readonly ownPid: number;
  /** Descriptors that a child may have: its limit. */
  readonly openFiles: number;
  /** Descriptors that this process may have. */
  descriptorLimit(): number;
  /** For `name` in the service directory, which is the child's working directory by then (program.ts). */
  programIn(directory: string, name: string, words: readonly string[]): Program;
  /** Its start time is 0 if that cannot be known. Throws SystemError. */
  spawn(child: Child): ProcessIdentity;
  reap(): Reaped | null;
  /** Null if there is no such process. Throws ErrnoException if that cannot be known. */
  processFacts(pid: number): ProcessFacts | null;
  everyPid(): number[];
  workingDirectory(pid: number): string | null;
  commandLine(pid: number): string[] | null;
  hasOpen(pid: number, path: string): boolean;
  /** Whether this user's supervisors have started it (own-process.ts). */
  isOwnProcess(pid: number, home: string): boolean;
  /** What runs in the session that `leader`, which has ended, began. */
  remainsOf(leader: number): readonly Remains[];
  /** Null if there is no such process. Throws SystemError. */
  openPidfd(pid: number): number | null;
  exitOfPidfd(pidfd: number, pid: number): number | null;
  sendSignal(pid: number, signal: number): boolean;
  sendGroupSignal(group: number, signal: number): boolean;
  signalProcess(process: ProcessIdentity, signal: number): boolean;
  signalGroupOf(process: ProcessIdentity, signal: number): boolean;
  signalPidfd(pidfd: number, signal: number): boolean;
  signalGroupOfPidfd(pidfd: number, pid: number, signal: number): boolean;
}

/** All of them throw ErrnoException or SystemError, unless something else is said. */
export interface Files {
  /** Empty if there is no such directory. */
  namesIn(directory: string): string[];
  inodeOf(directory: string): number;
  realPath(path: string): string;
  /** Also a link that leads nowhere. Throws nothing. */
  exists(path: string): boolean;
  /** Milliseconds since the epoch, as the file system has it; undefined if nothing is there. */
  modifiedAt(path: string): number | undefined;
  /** Up to 255 bytes. Waits for nobody, should it be a FIFO. */
  readBeginning(path: string): string;
  /** Of a regular file. */
  read(path: string): Buffer;
  /** As a whole, whoever reads it meanwhile (posix/replace-file.ts). */
  replace(path: string, bytes: Uint8Array): void;
  /** Makes an own file, unless it is there. */
  make(path: string): void;
  /** Makes an own file with nothing in it. */
  makeEmpty(path: string): void;
  /** Whatever is there, if anything is. */
  remove(path: string): void;
  /** Makes a file that people name, where a symbolic link leads; or leaves it as it is. */
  touch(path: string): void;
  unlink(path: string): void;
  /** Makes the file if it is missing. */
  openSlots(path: string): SlotFile;
  /** Makes, locks and opens what clients of the service directory talk to. Throws `Occupied` too. */
  takeControl(directory: string): ControlPipe;
  /** Writes to all who listen in an event directory; returns how many there were. */
  notifyFifodir(directory: string, letters: string): number;
  /** Makes a FIFO in place of whatever is there. */
  makeFifo(path: string): void;
  /** For reading, without waiting. */
  openFifo(path: string): number;
  /** For reading and writing: its end is never read. */
  openFifoBothWays(path: string): number;
  /** Null if nothing is there now. Empty if nobody has it open for writing. */
  readFifo(descriptor: number): Uint8Array | null;
  /** When it was last written to, in milliseconds since the epoch; `setFifoTime` sets that. */
  fifoTime(descriptor: number): number;
  setFifoTime(descriptor: number, time: number): void;
  /** Whether writing to a FIFO beside this one changes its time: overlayfs does not do so. Throws nothing. */
  stampsFifos(path: string): boolean;
  close(descriptor: number): void;
}

/** A file that is kept open, and written to in place. */
export interface SlotFile {
  /** What was in it when it was opened. */
  readonly bytes: Buffer;
  /** `length` of `bytes`, from `from`, to the place `at` of the file. */
  write(bytes: Uint8Array, from: number, length: number, at: number): void;
  close(): void;
}

/** `supervise/control` of a service directory, with the lock that says that somebody reads it. */
export interface ControlPipe {
  /** The lowest that was free when the directory was opened. */
  readonly descriptor: number;
  /** Nobody has supervised the service before. */
  readonly isNew: boolean;
  /** Its event directory was not there: nobody has subscribed. */
  readonly isUnheard: boolean;
  /** As many letters as fit; what is left is there to be read in the next turn. Throws nothing. */
  read(): string;
  close(): void;
}
