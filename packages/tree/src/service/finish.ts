/** The process of `finish`, which has only so much time. */

import { constants } from 'node:os';
import { InvariantBroken } from '@muster/core/invariant';
import { exitOf } from '@muster/protocol/s6/status';
import { FINISH_FILE, SETTING } from '@muster/store/live/service-files';
import { ticksNow } from '../adoption.ts';
import { LATER, TryLater, type WhenEnded } from '../processes.ts';
import { ResettableTimer } from './resettable-timer.ts';
import type { PassedDescriptors, StandardStreams } from './streams.ts';
import type { SupervisedService } from './supervised-service.ts';

const { signals: SIGNAL } = constants;

/** Milliseconds. */
const DEFAULT_TIMEOUT = 5000;
const KILL_AGAIN = 5000;
/** In place of the exit code of a process that was killed. */
export const KILLED = 256;

export class Finish {
  readonly #alarm: ResettableTimer;
  #pid = 0;

  constructor(
    readonly service: SupervisedService,
    readonly streams: StandardStreams,
    readonly ended: WhenEnded,
  ) {
    this.#alarm = new ResettableTimer(service.host.reactor);
  }

  /**
   * After the death of `group`'s leader, which the status tells of. Returns the pid, or null if it cannot be started;
   * `later`: there are no processes to be had now.
   */
  start(group: number): number | null | 'later' {
    const { service } = this;
    const { code, signal } = exitOf(service.status.waitStatus);
    const words = [signal === 0 ? code : KILLED, signal, service.name, group].map(String);
    let streams: PassedDescriptors | undefined;
    let startTime: number;
    try {
      streams = this.streams.open();
      service.write('starting-finish', { pid: group, startTime: ticksNow(service.host.system.clock) });
      const started = service.host.processes.start(
        {
          ...service.host.system.processes.programIn(service.directory, FINISH_FILE, words),
          directory: service.directory,
          descriptors: streams.descriptors,
        },
        this.ended,
      );
      this.#pid = started.pid;
      startTime = started.startTime;
    } catch (error) {
      if (error instanceof InvariantBroken) throw error;
      if (error instanceof TryLater) return 'later';
      service.warn(`unable to start finish: ${error}`);
      return null;
    } finally {
      streams?.close();
    }
    if (startTime > 0) service.write('finish', { pid: this.#pid, startTime });
    return this.#pid;
  }

  /** Returns false if the process does not run any more; `ended` is not called then. */
  adopt(pid: number, startTime: number): boolean {
    this.#pid = pid;
    if (!this.service.host.processes.adopt(pid, startTime, this.ended)) return false;
    this.service.write('finish', { pid, startTime });
    return true;
  }

  /** Until then it has not begun, and so has no limit. */
  startLater(start: () => void): void {
    this.#alarm.set(LATER, start);
  }

  limit(): void {
    const timeout = this.service.files().number(SETTING.timeoutFinish) ?? DEFAULT_TIMEOUT;
    if (timeout > 0) this.#alarm.set(timeout, () => this.#kill());
  }

  /** It has ended, or nobody waits for its end any more. */
  end(): void {
    this.#alarm.cancel();
  }

  #kill(): void {
    this.service.warn('finish takes too long: killed');
    const { processes } = this.service.host;
    processes.signal(this.#pid, SIGNAL.SIGCONT);
    processes.signal(this.#pid, SIGNAL.SIGKILL);
    this.#alarm.set(KILL_AGAIN, () => this.#kill());
  }
}
