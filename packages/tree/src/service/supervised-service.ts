/**
 * What is known of one service, and where that is written: `supervise/status` and `death_tally` for who asks, `event/` for
 * who listens, the children file for the tree's next life.
 */

import { constants as os } from 'node:os';
import { InvariantBroken } from '@muster/core/invariant';
import { TICKS } from '@muster/posix/boot-time';
import { SystemError } from '@muster/posix/libc';
import type { Slot, SlotPhase } from '@muster/protocol/children-file';
import type { EventLetter } from '@muster/protocol/s6/control';
import { DEFAULT_DEATHS, type Death, MOST_DEATHS } from '@muster/protocol/s6/death-tally';
import { exitOf, type Status } from '@muster/protocol/s6/status';
import {
  CONTROL_FIFO,
  COUNTED_FILE,
  DEATH_TALLY,
  DOWN_FILE,
  SETTING,
  SUPERVISE_STATUS,
} from '@muster/store/live/service-files';
import { homeOf } from '../adoption.ts';
import { ServiceFiles } from './files.ts';
import type { ServiceHost } from './host.ts';
import { Restarts } from './restarts.ts';
import { slotFromStatus } from './stated-process.ts';
import { SuperviseDirectory } from './supervise-directory.ts';

/** Of a process that was asked to stop. */
export interface Dying {
  /** When it is killed. Milliseconds since boot; 0 means never. */
  readonly killAt: number;
}

/** A process as the children file has it; pid 0 if there is none. */
export interface RecordedProcess {
  readonly pid: number;
  /** Of the process; of none: when the last one died. Clock ticks after boot. */
  readonly startTime: number;
  readonly dying?: Dying | null;
}

export class SupervisedService {
  readonly restarts = new Restarts();
  #status: Status;
  #deaths: Death[] = [];
  #changedAt: number;
  /** There may be a file of the deaths that count. */
  #hasCounted: boolean;
  /** There may be one that says how it ended. */
  #hasEnd: boolean;
  readonly #supervise: SuperviseDirectory;
  readonly #inode: number;

  /** As the scandir has it: `NAME`, or `NAME/log`. */
  name: string;
  directory: string;

  /** Throws `Occupied`, SystemError or ErrnoException. `command`: called with each letter in `supervise/control`. */
  constructor(
    name: string,
    directory: string,
    readonly host: ServiceHost,
    command: (letter: string) => void,
  ) {
    this.name = name;
    this.directory = directory;
    const { clock, files } = host.system;
    this.#changedAt = clock.bootTime();
    // Its low 32 bits.
    this.#inode = files.inodeOf(directory) % 2 ** 32;
    this.#supervise = new SuperviseDirectory(directory, host.system, host.reactor, command);
    if (!host.processes.hasRoomFor(this.#supervise.descriptor)) {
      this.#supervise.close();
      throw new SystemError('open', os.errno.EMFILE, `${directory}/${CONTROL_FIFO}`);
    }
    this.#hasCounted = !this.#supervise.isNew;
    this.#hasEnd = !this.#supervise.isNew;
    const now = clock.wallTime();
    this.#status = {
      stamp: now,
      readyStamp: now,
      pid: 0,
      waitStatus: 0,
      paused: false,
      finishing: false,
      wantUp: true,
      ready: false,
    };
  }

  get status(): Status {
    return this.#status;
  }

  /** When the service came up, or died, as the status has it with a date. Milliseconds since boot. */
  get changedAt(): number {
    return this.#changedAt;
  }

  /** It comes up, or dies, now: to be noted with what it is from now on. */
  changeNow(): Pick<Status, 'stamp'> {
    const { clock } = this.host.system;
    this.#changedAt = clock.bootTime();
    return { stamp: clock.wallTime() };
  }

  /** As they are now. */
  files(): ServiceFiles {
    return new ServiceFiles(this.directory, this.host.system.files, (message) => this.warn(message));
  }

  /** In the service's own lines, if it has no logger. */
  warn(message: string): void {
    const { output } = this.host;
    if (output === undefined) this.host.warn(`${this.name}: ${message}`);
    else output.note(this.name, message);
  }

  /** The directory has another name now. What could not be written since it was moved is written again. */
  follow(name: string, directory: string): void {
    this.name = name;
    this.directory = directory;
    this.#supervise.follow(directory);
    this.announce({});
  }

  /** Nothing has happened yet. */
  begin(): void {
    const isDown = this.host.system.files.exists(`${this.directory}/${DOWN_FILE}`);
    this.announce({ wantUp: !isDown, paused: true });
    this.note({ paused: false });
    this.#try(`empty ${DEATH_TALLY}`, () => this.#supervise.forgetDeaths());
    this.keepCounted();
  }

  /** What an earlier life left, by the children file; should that be lost, by the status. Undefined if it left nothing. */
  inherited(): Slot | undefined {
    const slot = this.host.children.inherited(this.name);
    if (slot !== undefined && slot.phase !== 'free') return slot;
    if (this.#supervise.isNew) return undefined;
    const { files } = this.host.system;
    const home = homeOf(this.host.children.path, files);
    const directory = files.realPath(this.directory);
    return slotFromStatus(this.host.system, this.#supervise.readStatus(), directory, this.#inode, home);
  }

  /** Knows again what an earlier life wrote. */
  recall(slot: Slot): void {
    this.#status = this.#supervise.readStatus() ?? this.#status;
    this.#deaths = this.#supervise.readDeaths();
    const now = this.host.system.clock.bootTime();
    // It was within that tick. An older tree did not note when a service went down that is down.
    this.#changedAt = slot.startTime > 0 ? Math.min(((slot.startTime + 1) * 1000) / TICKS, now) : now;
    this.restarts.recall(slot, this.#supervise.readCounted(), now);
  }

  /** Changes the status, which is written with the next announcement. */
  note(changes: Partial<Status>): void {
    this.#status = { ...this.#status, ...changes };
  }

  announce(changes: Partial<Status>): void {
    this.note(changes);
    this.#try(`write ${SUPERVISE_STATUS}`, () => this.#supervise.writeStatus(this.#status));
  }

  emit(letter: EventLetter): void {
    this.#try('tell who listens', () => this.#supervise.notify(letter));
    this.host.told(this.name, letter);
  }

  /** The death that the status tells of. */
  addDeath(files: ServiceFiles): void {
    const most = Math.min(files.number(SETTING.maxDeathTally) ?? DEFAULT_DEATHS, MOST_DEATHS);
    this.#deaths.push({ at: this.#status.stamp, exit: exitOf(this.#status.waitStatus) });
    if (this.#deaths.length > most) this.#deaths.splice(0, this.#deaths.length - most);
    if (most > 0) this.#try(`write ${DEATH_TALLY}`, () => this.#supervise.writeDeaths(this.#deaths));
  }

  /** What `restart-limit` counts, for a later life. Most services have no limit, and nothing to write. */
  keepCounted(): void {
    const { counted } = this.restarts;
    if (counted.length === 0 && !this.#hasCounted) return;
    this.#hasCounted = counted.length > 0;
    this.#try(`write ${COUNTED_FILE}`, () => this.#supervise.writeCounted(counted));
  }

  /**
   * Nobody stopped the service: it is not to be up because it was given up. Written at once: a tree that were killed before its
   * next announcement would leave a service that is to be up.
   */
  announceFailure(): void {
    this.#hasEnd = true;
    this.#try('write that it was given up', () => this.#supervise.writeFailure());
    this.announce({ wantUp: false });
  }

  /** Likewise of one that has ended as it may. */
  announceDone(): void {
    this.#hasEnd = true;
    this.#try('write that it is done', () => this.#supervise.writeDone());
    this.announce({ wantUp: false });
  }

  forgetEnd(): void {
    if (!this.#hasEnd) return;
    this.#try('forget that it was given up', () => {
      this.#supervise.forgetEnd();
      this.#hasEnd = false;
    });
  }

  /** In the children file. Supervising goes on without it; only what a tree left that is killed then is not adopted. */
  write(phase: SlotPhase, process: RecordedProcess = this.#noProcess()): void {
    const { pid, startTime, dying = null } = process;
    const { waitStatus } = this.#status;
    const { streak, failedStarts, isAsked } = this.restarts;
    const inode = this.#inode;
    const end = { asked: phase === 'run' && isAsked, dying: dying !== null, killAt: dying?.killAt ?? 0 };
    const slot = { phase, inode, pid, startTime, waitStatus, ...end, streak, failedStarts };
    this.#try('note what runs', () => this.host.children.write(this.name, slot));
  }

  /** Lets go of the directory; whoever supervises it next finds everything. */
  close(): void {
    this.#supervise.close();
  }

  /** Lets go of the directory, and leaves nothing to a later life. */
  closeForGood(): void {
    this.#supervise.close();
    this.host.children.release(this.name);
    this.emit('x');
  }

  #noProcess(): RecordedProcess {
    return { pid: 0, startTime: Math.floor((this.#changedAt * TICKS) / 1000) };
  }

  /** A file system that is full, or a directory that is taken away, does not end the supervision. */
  #try(what: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      if (error instanceof InvariantBroken) throw error;
      this.warn(`unable to ${what}: ${error}`);
    }
  }
}
