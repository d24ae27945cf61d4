/** How a simulated service behaves each time that something is asked of it. Times in milliseconds. */
import { type Exit, isCleanExit } from '../../src/model/observation.ts';

export interface Start {
  /** From the request until the process runs, and from then until it is ready; null: never. */
  readonly spawn: number;
  readonly ready: number | null;
  /** From when it runs until it dies by itself; null: never. */
  readonly death: number | null;
  readonly exit: Exit;
}

export interface Script {
  /** Null: hangs until it is killed. */
  readonly duration: number | null;
  readonly exit: Exit;
}

export interface Behaviour {
  start(): Start;
  /** From the request until the process is gone; null: it does not die. */
  stop(): number | null;
  /** From a death until it is down, or started again. */
  finish(): number;
  /** The supervisor gives up instead of restarting. */
  givesUp(): boolean;
  /** Of one that is given up: it may end so, once it was ready. */
  mayEnd(exit: Exit): boolean;
  script(action: 'up' | 'down' | 'reload'): Script;
}

export const SUCCESS: Exit = { code: 0, signal: 0 };

export const WELL_BEHAVED: Behaviour = {
  start: () => ({ spawn: 1, ready: 2, death: null, exit: SUCCESS }),
  stop: () => 1,
  finish: () => 0,
  givesUp: () => false,
  mayEnd: isCleanExit,
  script: () => ({ duration: 2, exit: SUCCESS }),
};

export function behaving(changes: Partial<Behaviour>): Behaviour {
  return { ...WELL_BEHAVED, ...changes };
}
