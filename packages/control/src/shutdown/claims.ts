/**
 * What rc-shutdown does about processes that hold what it waits for, since it depends on nobody's good will:
 *
 *     waited for ──patience is over──▶ asked to end (SIGTERM) ──▶ asked again ──▶ killed ──▶ out of reach
 *
 * A command that was told once gives up what it has not begun, and one that was told twice leaves at once. Who is stopped
 * hears nothing, and is killed as soon as it is seen to stay so. What a killed one had begun, its supervisor goes on with.
 */
import { processFacts } from '@muster/posix/process';
import { isSignalTarget, signalProcess } from '@muster/posix/signals';

/** Milliseconds for which somebody who is at work, and somebody who is stopped, is left alone. */
const PATIENCE = 10_000;
const PATIENCE_WITH_STOPPED = 1000;
/** Milliseconds between two signals. */
const GRACE = 2000;
const [TERM, KILL] = [15, 9];
const SIGNALS = [TERM, TERM, KILL];

interface Holder {
  readonly pid: number;
  readonly startTime: number;
  readonly since: number;
  sent: number;
  sentAt: number;
}

export class Claims {
  readonly #patience: number;
  #holder: Holder | null = null;

  /** `limit`: milliseconds that the command has, if there is a limit. */
  constructor(limit = PATIENCE) {
    this.#patience = Math.min(Math.max(limit, GRACE), PATIENCE);
  }

  /** To be called again and again while the process `pid` is waited for. False if it does not end, whatever is done to it. */
  press(pid: number): boolean {
    const facts = pid > 0 ? processFacts(pid) : null;
    const now = performance.now();
    const startTime = facts?.startTime ?? 0;
    if (this.#holder?.pid !== pid || this.#holder.startTime !== startTime) {
      this.#holder = { pid, startTime, since: now, sent: 0, sentAt: Number.NEGATIVE_INFINITY };
    }
    const holder = this.#holder;
    const patience = facts?.stopped ? Math.min(this.#patience, PATIENCE_WITH_STOPPED) : this.#patience;
    if (now < holder.since + patience || now < holder.sentAt + GRACE) return true;
    if (facts === null || !isSignalTarget(pid) || holder.sent === SIGNALS.length) return false;
    const signal = facts.stopped ? KILL : SIGNALS[holder.sent]!;
    holder.sent = signal === KILL ? SIGNALS.length : holder.sent + 1;
    holder.sentAt = now;
    return signalProcess(holder, signal);
  }

  /** Likewise, for a process that must not be disturbed as long as it is at work. */
  pressStopped(pid: number): boolean {
    return processFacts(pid)?.stopped ? this.press(pid) : true;
  }
}
