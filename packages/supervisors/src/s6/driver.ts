/** Longruns under supervisors that speak s6's protocol on disk: s6-supervise itself, and the embedded tree. */
import { closeSync, readSync, statSync } from 'node:fs';
import { constants as os } from 'node:os';
import type { Watch } from '@muster/core/execute/ports';
import type { ServiceId } from '@muster/core/model/database';
import type { Exit, LongrunObservation, NoObservation } from '@muster/core/model/observation';
import { isAbsent } from '@muster/posix/absence';
import { isRead } from '@muster/posix/fifo';
import { openRegular, readRegular } from '@muster/posix/regular-file';
import { SIGNAL_LETTERS, type SignalLetter } from '@muster/protocol/s6/control';
import { DEATH_SIZE, type Death, decodeDeaths } from '@muster/protocol/s6/death-tally';
import { decodeStatus, exitOf, READY_STAMP, STATUS_SIZE, type Status } from '@muster/protocol/s6/status';
import {
  DEATH_TALLY,
  EMBEDDED_FAILED_FILE,
  FAILED_FILE,
  READY_BEFORE_FILE,
  RUN_FILE,
  SUPERVISE,
  SUPERVISE_STATUS,
} from '@muster/store/live/service-files';
import { ControlOrders } from '../control-orders.ts';
import { reloadSignalOf } from '../service-directory/reload-signal.ts';
import { bytesIn, type End, endIn, isAllowedEnd } from '../service-end.ts';
import { StatusWatch } from '../status-watch.ts';
import { unexecutableAuthorsRun, whyNotExecutable } from '../unexecutable.ts';

const UNSUPERVISED: NoObservation = { kind: 'unsupervised' };
/** An s6-supervise does not know what an earlier one started. */
const LOST: NoObservation = { kind: 'unsupervised', lost: true };

export class S6Driver {
  readonly #directoryOf: (service: ServiceId) => string;
  readonly #watch: StatusWatch;
  readonly #buffer = new Uint8Array(STATUS_SIZE);
  readonly #hasReadiness: (service: ServiceId) => boolean;
  /** The last that was seen of each. */
  readonly #seen = new Map<ServiceId, Status>();
  /** What each service's status was when this process told its supervisor to keep it up. */
  readonly #toldUp = new Map<ServiceId, Status | null>();

  /** Told to be up although what its `run` executes cannot be: its process comes, and goes at once. */
  readonly #spoilt = new Set<ServiceId>();
  readonly #orders: ControlOrders;

  /**
   * `directoryOf` gives a service's own directory, which holds `supervise/`. A service without readiness is ready as soon
   * as it runs.
   */
  constructor(directoryOf: (service: ServiceId) => string, hasReadiness: (service: ServiceId) => boolean) {
    this.#hasReadiness = hasReadiness;
    this.#directoryOf = directoryOf;
    this.#orders = new ControlOrders(directoryOf);
    this.#watch = new StatusWatch((service) => `${directoryOf(service)}/${SUPERVISE}`);
  }

  observe(service: ServiceId): LongrunObservation | NoObservation {
    this.#watch.throwFailure();
    if (!isRead(this.#orders.fifoOf(service))) return LOST;
    const seen = this.observeUnder(service);
    return seen.kind === 'unsupervised' ? LOST : seen;
  }

  /** Where it is known already that the supervisor lives. */
  observeUnder(service: ServiceId): LongrunObservation | NoObservation {
    const directory = this.#directoryOf(service);
    const status = statusIn(directory, this.#buffer);
    if (status === null) return UNSUPERVISED;
    this.#seen.set(service, status);
    const { pid, finishing, ready, wantUp, waitStatus, stamp, readyStamp } = status;
    const state = pid === 0 ? 'down' : finishing ? 'finishing' : 'up';
    const isReady = state === 'up' && (ready || !this.#hasReadiness(service));
    const { deaths, exit } = tallyBeside(`${directory}/${DEATH_TALLY}`, status, state);
    const lastExit = exit ?? (deaths > 0 || waitStatus !== 0 ? exitOf(waitStatus) : null);
    const end =
      state === 'up' ? null : wantUp ? this.#endToCome(service, state, lastExit) : this.#endOf(service, status);
    return {
      kind: 'longrun',
      state,
      ready: isReady,
      pid,
      since: stamp,
      readySince: isReady && ready ? readyStamp : 0,
      supervisorWants: wantUp ? 'up' : 'down',
      lastExit,
      deaths,
      failed: state === 'down' && end === 'failed',
      ...(end === 'done' ? { done: true } : {}),
      ...(wantUp && this.#isUnexecutable(service, state) ? { unexecutable: true } : {}),
    };
  }

  watch(services: Iterable<ServiceId>, changed: (service: ServiceId) => void): Watch {
    return this.#watch.watch(services, changed);
  }

  start(service: ServiceId): void {
    this.expectUp(service);
    this.#orders.keepUp(service);
  }

  stop(service: ServiceId): void {
    this.expectDown(service);
    this.#orders.leaveDown(service);
  }

  isUnread(service: ServiceId): boolean {
    return this.#orders.isUnread(service);
  }

  withdraw(service: ServiceId): boolean {
    return this.#orders.withdraw(service);
  }

  reload(service: ServiceId): void {
    this.#orders.send(service, this.reloadLetter(service));
  }

  /** To be called before a supervisor is told to keep the service up. */
  expectUp(service: ServiceId): void {
    const directory = this.#directoryOf(service);
    this.#toldUp.set(service, this.#seen.get(service) ?? statusIn(directory, this.#buffer));
    if (unexecutableAuthorsRun(directory) === null) this.#spoilt.delete(service);
    else this.#spoilt.add(service);
  }

  /** To be called before a supervisor is told to leave the service down. */
  expectDown(service: ServiceId): void {
    this.#toldUp.delete(service);
    this.#spoilt.delete(service);
  }

  /** The signal's own letter: s6 knows a letter for `reload-signal` only since 2.13. */
  reloadLetter(service: ServiceId): SignalLetter {
    const number = reloadSignalOf(this.#directoryOf(service));
    const letter = Object.entries(SIGNAL_LETTERS).find(([, signal]) => os.signals[signal] === number)?.[0];
    return (letter as SignalLetter | undefined) ?? 'h';
  }

  /**
   * Who told it to be up sees that something else came of it. Others find the word that the embedded tree leaves of it, or
   * on s6 the generated `finish`; it may be of the time before, for whoever has just told it to be up.
   */
  #endOf(service: ServiceId, now: Status): End | null {
    const isToldUp = this.#toldUp.has(service);
    if (isToldUp && !this.#wasToldOtherwise(service, now)) return null;
    const directory = this.#directoryOf(service);
    return (
      endIn(`${directory}/${EMBEDDED_FAILED_FILE}`) ??
      endIn(`${directory}/${FAILED_FILE}`) ??
      (isToldUp ? 'failed' : null)
    );
  }

  /** While the generated `finish` runs, which leaves its word at its end. */
  #endToCome(service: ServiceId, state: LongrunObservation['state'], exit: Exit | null): End | null {
    const directory = this.#directoryOf(service);
    if (state !== 'finishing' || !isAllowedEnd(directory, exit)) return null;
    return !this.#hasReadiness(service) || this.#hadBecomeReady(directory) ? 'done' : null;
  }

  /** In the life before `finish`. */
  #hadBecomeReady(directory: string): boolean {
    const before = bytesIn(`${directory}/${READY_BEFORE_FILE}`);
    const { from, length } = READY_STAMP;
    return before !== null && !before.equals(this.#buffer.subarray(from, from + length));
  }

  /** s6-supervise says it on its standard error only. */
  #isUnexecutable(service: ServiceId, state: LongrunObservation['state']): boolean {
    if (this.#spoilt.has(service)) return true;
    return state === 'down' && whyNotExecutable(`${this.#directoryOf(service)}/${RUN_FILE}`) !== null;
  }

  /** Down although it was told to be up, and something has happened since: the supervisor gave up. */
  #wasToldOtherwise(service: ServiceId, now: Status): boolean {
    const before = this.#toldUp.get(service);
    if (before === undefined) return false;
    return before === null || before.stamp !== now.stamp || before.wantUp !== now.wantUp;
  }
}

/** Null if there is none. */
function statusIn(directory: string, buffer: Uint8Array): Status | null {
  let file: number;
  try {
    file = openRegular(`${directory}/${SUPERVISE_STATUS}`).descriptor;
  } catch (error) {
    // What cannot be read is not known; it is not down.
    if (!isAbsent(error)) throw error;
    return null;
  }
  try {
    return readSync(file, buffer, 0, STATUS_SIZE, 0) === STATUS_SIZE ? decodeStatus(buffer)! : null;
  } finally {
    closeSync(file);
  }
}

/** Milliseconds by which the clock of files may be behind, and a supervisor slow to write what it writes together. */
const BEHIND = 5;
const SLOW = 20;

/**
 * The tally, which is written before the status, and so has to be read after it: `exit` is of a death that the status,
 * read a moment before, does not tell yet.
 */
function tallyBeside(path: string, { stamp }: Status, state: LongrunObservation['state']) {
  const stats = statSync(path, { throwIfNoEntry: false });
  const deaths = Math.floor((stats?.size ?? 0) / DEATH_SIZE);
  if (stats === undefined || deaths === 0) return { deaths, exit: null };
  const isNewer = stats.mtimeMs > (state === 'up' ? stamp - BEHIND : stamp + SLOW);
  return { deaths, exit: isNewer ? (lastDeathIn(path)?.exit ?? null) : null };
}

function lastDeathIn(path: string): Death | undefined {
  try {
    return decodeDeaths(readRegular(path)).at(-1);
  } catch (error) {
    if (!isAbsent(error)) throw error;
    return undefined;
  }
}
