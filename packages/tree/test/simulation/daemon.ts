/** How a simulated service behaves each time that it is started, told to stop, or has died. Times in milliseconds. */
import { constants as os } from 'node:os';
import type { Random } from '@muster/core/test/simulation/random';

export interface Start {
  /** From exec until it can do its work, and says so if it can; null: never. */
  readonly ready: number | null;
  /** From exec until it dies by itself; null: never. */
  readonly death: number | null;
  readonly waitStatus: number;
  /** It closes the descriptor of its notification once it has written. */
  readonly letsGo: boolean;
}

export interface Daemon {
  start(): Start;
  /** From SIGTERM until it is gone; null: it ignores that. */
  stop(): number | null;
  finish(): number;
  finishStatus(): number;
}

export interface Temper {
  /** Of dying before it is ready, at the moment when it is, and some time after that. */
  readonly failure: number;
  readonly gasp: number;
  readonly crash: number;
  readonly hang: number;
  readonly deaf: number;
  /** Of its finish asking not to be started again. */
  readonly resigns: number;
  readonly slow: number;
}

export const RELIABLE = { failure: 0, gasp: 0, crash: 0, hang: 0, deaf: 0, resigns: 0 };
/** In place of exit code 125 of `finish`: the service is given up. */
const PERMANENT = 125 << 8;

export const WELL_BEHAVED: Daemon = {
  start: () => ({ ready: 2, death: null, waitStatus: 0, letsGo: false }),
  stop: () => 1,
  finish: () => 1,
  finishStatus: () => 0,
};

/** What happens to one service does not depend on what happens to another: each has its own numbers. */
export function daemonOf(random: Random, { failure, gasp, crash, hang, deaf, resigns, slow }: Temper): Daemon {
  return {
    start: () => {
      const ready = random.chance(hang) ? null : random.below(slow);
      const waitStatus = random.pick([0, 1 << 8, 111 << 8, os.signals.SIGSEGV]);
      const letsGo = random.chance(0.3);
      if (random.chance(failure)) return { ready: null, death: random.between(1, slow), waitStatus, letsGo };
      if (ready !== null && random.chance(gasp)) return { ready, death: ready, waitStatus, letsGo };
      return { ready, death: random.chance(crash) ? slow + random.below(3000) : null, waitStatus, letsGo };
    },
    stop: () => (random.chance(deaf) ? null : random.below(slow)),
    // Some take longer than the engine's heart needs for a beat.
    finish: () => (random.chance(0.1) ? random.between(500, 3000) : random.between(1, 30)),
    finishStatus: () => (random.chance(resigns) ? PERMANENT : 0),
  };
}
