/** What signals to a container's process 1 mean. All of them are held from its beginning on, so that none is lost. */
import { constants } from 'node:os';

const { signals: SIGNAL } = constants;
/** What systemd's programs, and images made for it, take for a stop: the C library keeps the first two real-time signals for itself. */
const SIGRTMIN_3 = 37;

export const STOPPING: readonly number[] = [SIGNAL.SIGTERM, SIGNAL.SIGINT, SIGNAL.SIGQUIT, SIGNAL.SIGPWR, SIGRTMIN_3];
/** To the command. */
export const PASSED_ON: readonly number[] = [SIGNAL.SIGHUP, SIGNAL.SIGUSR1, SIGNAL.SIGUSR2, SIGNAL.SIGWINCH];
/** Comes to who gives the keyboard away without having it. */
const BACKGROUND = SIGNAL.SIGTTOU;

/** Of a process that may still have threads of its engine, which uses one of them (power-signal.ts). */
export const HELD_FIRST: readonly number[] = [...STOPPING, ...PASSED_ON, BACKGROUND].filter(
  (signal) => signal !== SIGNAL.SIGPWR,
);
export const HELD: readonly number[] = [...STOPPING, ...PASSED_ON, BACKGROUND];
