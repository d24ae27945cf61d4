/**
 * Longruns under runsv. It speaks through the files of `supervise/`; what it does not know (readiness, how the last
 * process ended, that a restart policy gave up) the generated scripts of service-directory/ leave beside them.
 */
import { existsSync, statSync } from 'node:fs';
import { constants as os } from 'node:os';
import type { Watch } from '@muster/core/execute/ports';
import type { ServiceId } from '@muster/core/model/database';
import type { Exit, LongrunObservation, NoObservation } from '@muster/core/model/observation';
import { isAbsent } from '@muster/posix/absence';
import { isRead } from '@muster/posix/fifo';
import { readRegular } from '@muster/posix/regular-file';
import { isSignalTarget, signalWhile } from '@muster/posix/signals';
import {
  CHECK_FILE,
  CONTROL_FIFO,
  EXIT_FILE_OF_RUNIT,
  FAILED_FILE,
  OK_FIFO,
  READY_FILE,
  SUPERVISE,
  SUPERVISE_STATUS,
} from '@muster/store/live/service-files';
import { ControlOrders } from '../control-orders.ts';
import { reloadSignalOf } from '../service-directory/reload-signal.ts';
import { type End, endIn, isAllowedEnd, mayEnd } from '../service-end.ts';
import { StatusWatch } from '../status-watch.ts';
import { unexecutableRun } from '../unexecutable.ts';
import { decodeRunitStatus, type RunitStatus } from './status.ts';

/** A runsv does not know what an earlier one started. */
const UNSUPERVISED: NoObservation = { kind: 'unsupervised', lost: true };
/** The signals that runsv has a letter for. */
const LETTERS: ReadonlyMap<number, string> = new Map([
  [os.signals.SIGHUP, 'h'],
  [os.signals.SIGALRM, 'a'],
  [os.signals.SIGINT, 'i'],
  [os.signals.SIGQUIT, 'q'],
  [os.signals.SIGUSR1, '1'],
  [os.signals.SIGUSR2, '2'],
  [os.signals.SIGTERM, 't'],
  [os.signals.SIGKILL, 'k'],
]);
/** Milliseconds by which the clock of files may be behind. */
const BEHIND = 5;
const STATE = { down: 'down', run: 'up', finish: 'finishing' } as const;

export class RunitDriver {
  readonly #directoryOf: (service: ServiceId) => string;
  readonly #watch: StatusWatch;
  readonly #readiness = new Map<ServiceId, boolean>();
  /** When the state of each service had changed last, as this process told its supervisor to keep it up. */
  readonly #toldUp = new Map<ServiceId, number | undefined>();

  /** Told to be up although it cannot be executed: its process comes, and goes at once. */
  readonly #spoilt = new Set<ServiceId>();
  readonly #orders: ControlOrders;

  /** `directoryOf` gives a service's own directory, which holds `supervise/`. */
  constructor(directoryOf: (service: ServiceId) => string) {
    this.#directoryOf = directoryOf;
    this.#orders = new ControlOrders(directoryOf);
    this.#watch = new StatusWatch((service) => `${directoryOf(service)}/${SUPERVISE}`);
  }

  observe(service: ServiceId): LongrunObservation | NoObservation {
    this.#watch.throwFailure();
    const directory = this.#directoryOf(service);
    if (!isRead(`${directory}/${OK_FIFO}`)) return UNSUPERVISED;
    const status = readStatus(directory);
    if (status === undefined) return UNSUPERVISED;
    const state = STATE[status.state];
    const readySince = state === 'up' && this.#hasReadiness(service) ? readyTime(directory, status) : 0;
    const last = lastDeath(directory);
    // `finish` may not have got so far yet as to say how it ended, and so whether it may have done so.
    const isUndecided = state === 'finishing' && !isOf(last, status) && mayEnd(directory);
    const end = state === 'up' ? null : (this.#endOf(service, status) ?? this.#endToCome(service, status, last));
    return {
      kind: 'longrun',
      state,
      ready: state === 'up' && (readySince > 0 || !this.#hasReadiness(service)),
      pid: status.pid,
      since: status.stamp,
      readySince,
      supervisorWants: status.wantUp ? 'up' : 'down',
      lastExit: isUndecided ? null : (last?.exit ?? null),
      deaths: last?.deaths ?? 0,
      failed: state === 'down' && !status.wantUp && end === 'failed',
      ...(end === 'done' ? { done: true } : {}),
      ...(status.wantUp && this.#spoilt.has(service) ? { unexecutable: true } : {}),
    };
  }

  watch(services: Iterable<ServiceId>, changed: (service: ServiceId) => void): Watch {
    return this.#watch.watch(services, changed);
  }

  start(service: ServiceId): void {
    const directory = this.#directoryOf(service);
    this.#toldUp.set(service, readStatus(directory)?.stamp);
    if (unexecutableRun(directory) === null) this.#spoilt.delete(service);
    else this.#spoilt.add(service);
    this.#orders.keepUp(service);
  }

  stop(service: ServiceId): void {
    this.#toldUp.delete(service);
    this.#spoilt.delete(service);
    this.#orders.leaveDown(service);
  }

  isUnread(service: ServiceId): boolean {
    return this.#orders.isUnread(service);
  }

  withdraw(service: ServiceId): boolean {
    return this.#orders.withdraw(service);
  }

  reload(service: ServiceId): void {
    const directory = this.#directoryOf(service);
    const signal = reloadSignalOf(directory);
    const letter = LETTERS.get(signal);
    if (letter !== undefined) this.#orders.send(service, letter);
    else signalDirectly(directory, signal);
  }

  /** runsv may sleep for a second before it reads what `finish` told it. The word that `finish` left may be of the time before, until the supervisor has done what it was told. */
  #endOf(service: ServiceId, now: RunitStatus): End | null {
    if (this.#toldUp.has(service) && this.#toldUp.get(service) === now.stamp) return null;
    return endIn(`${this.#directoryOf(service)}/${FAILED_FILE}`);
  }

  /** While the generated `finish` runs, which leaves its word at its end. */
  #endToCome(service: ServiceId, status: RunitStatus, last: Death | null): End | null {
    const directory = this.#directoryOf(service);
    if (status.state !== 'finish' || !isOf(last, status) || !isAllowedEnd(directory, last.exit)) return null;
    return !this.#hasReadiness(service) || existsSync(`${directory}/${READY_FILE}`) ? 'done' : null;
  }

  /** `check` is there if and only if a rule of readiness is. */
  #hasReadiness(service: ServiceId): boolean {
    let has = this.#readiness.get(service);
    if (has === undefined) {
      has = existsSync(`${this.#directoryOf(service)}/${CHECK_FILE}`);
      this.#readiness.set(service, has);
    }
    return has;
  }
}

function readStatus(directory: string): RunitStatus | undefined {
  try {
    return decodeRunitStatus(readRegular(`${directory}/${SUPERVISE_STATUS}`));
  } catch (error) {
    if (!isAbsent(error)) throw error;
    return undefined;
  }
}

function signalDirectly(directory: string, signal: number): void {
  const runs = readStatus(directory);
  if (runs?.state !== 'run' || !isSignalTarget(runs.pid)) return;
  // A runsv that was killed has left its last word, and the pid may be anybody's.
  const isMeant = () => isRead(`${directory}/${CONTROL_FIFO}`) && readStatus(directory)?.pid === runs.pid;
  signalWhile(runs.pid, isMeant, signal);
}

/**
 * When the process `pid` became ready, in milliseconds since the epoch; 0 if it has not. `stamp`: when it was started. The
 * kernel's clock for files is some milliseconds behind: nothing is ready before it is up.
 */
function readyTime(directory: string, { pid, stamp }: { readonly pid: number; readonly stamp: number }): number {
  const path = `${directory}/${READY_FILE}`;
  if (words(path)[0] !== String(pid)) return 0;
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined ? 0 : Math.max(stats.mtimeMs, stamp);
}

interface Death {
  readonly exit: Exit;
  /** So far. */
  readonly deaths: number;
  /** When that was written down: milliseconds since the epoch. */
  readonly at: number;
}

/** The death after which `finish` runs. */
function isOf(last: Death | null, { stamp }: RunitStatus): last is Death {
  return last !== null && last.at >= stamp - BEHIND;
}

function lastDeath(directory: string): Death | null {
  const path = `${directory}/${EXIT_FILE_OF_RUNIT}`;
  const [code, signal, deaths] = words(path).map(Number);
  if (code === undefined || signal === undefined || deaths === undefined) return null;
  const at = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return { exit: signal === 0 ? { code, signal } : { code: 0, signal }, deaths, at };
}

/** Empty if there is no such file. */
function words(path: string): string[] {
  try {
    return readRegular(path).toString('latin1').split(/\s+/).filter(Boolean);
  } catch {
    return [];
  }
}
