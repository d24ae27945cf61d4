/**
 * Sending signals, and what this process was told to ignore. Every signal that Muster sends goes through this file.
 *
 * To kill(2), 0, 1, -1 and negative numbers are whole groups of processes, process 1, or everybody: a pid that was lost, or
 * was read from a damaged file, must never become one of these. Asking for that is a bug, and an exception.
 */
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { errno, libc } from './libc.ts';
import { isRunning, type ProcessIdentity } from './process.ts';
import { isPidfdMissing, openPidfd } from './wait.ts';

/** The kernel's PID_MAX_LIMIT. What is above it is another number by the time that it is a C int. */
const GREATEST_PID = 2 ** 22;
const PIDFD_SEND_SIGNAL = 424;
/** PIDFD_SIGNAL_PROCESS_GROUP: since Linux 6.9. */
const TO_GROUP = 1 << 2;

/** A signal was about to go to what is not a process of ours. */
class WrongTarget extends Error {
  override readonly name = 'WrongTarget';

  constructor(target: string, signal: number) {
    super(`signal ${signal} was about to be sent to ${target}`);
  }
}

/** Whether a signal can be meant for this number: a process that is neither process 1, nor a number that means many. */
export function isSignalTarget(pid: number): boolean {
  return Number.isInteger(pid) && pid > 1 && pid <= GREATEST_PID;
}

/**
 * To a child that has not been reaped, whose pid cannot be anybody else's; for others see `signalProcess`. Returns whether there
 * was such a process, and this one may. Throws `WrongTarget`.
 */
export function sendSignal(pid: number, signal: number): boolean {
  if (!isSignalTarget(pid)) throw new WrongTarget(`pid ${pid}`, signal);
  return libc().kill(pid, signal) === 0;
}

/** Whether there was a process in that group, and this one may. Throws `WrongTarget`, also for the group that this process is in. */
export function sendGroupSignal(group: number, signal: number): boolean {
  if (!isSignalTarget(group)) throw new WrongTarget(`group ${group}`, signal);
  if (group === libc().getpgid(0)) throw new WrongTarget(`group ${group}, its own`, signal);
  return libc().kill(-group, signal) === 0;
}

/** To every process of this PID namespace that this one may send it to, but not to itself: for process 1 alone. Throws `WrongTarget`. */
export function signalEverybody(signal: number): void {
  if (process.pid !== 1) throw new WrongTarget('everybody', signal);
  libc().kill(-1, signal);
}

/** Whether a process is in that group, whoever may send it signals. */
export function isGroupThere(group: number): boolean {
  if (!isSignalTarget(group)) return false;
  return libc().kill(-group, 0) === 0 || errno() === constants.errno.EPERM;
}

/** To the process of this identity, and to nobody else who has its pid by now. Whether it ran, and this process may. */
export function signalProcess({ pid, startTime }: ProcessIdentity, signal: number): boolean {
  return signalWhile(pid, () => isRunning(pid, startTime), signal);
}

/** To the process that has this pid now, if `isMeant` says so once no other one can get it any more. */
export function signalWhile(pid: number, isMeant: () => boolean, signal: number): boolean {
  return withPidfd(pid, isMeant, (pidfd) => (pidfd === null ? sendSignal(pid, signal) : signalPidfd(pidfd, signal)));
}

/** To the process of this identity and the group that it leads; if it leads none, to itself. */
export function signalGroupOf({ pid, startTime }: ProcessIdentity, signal: number): boolean {
  const isMeant = () => isRunning(pid, startTime);
  return withPidfd(pid, isMeant, (pidfd) => {
    if (pidfd === null) return sendGroupSignal(pid, signal) || sendSignal(pid, signal);
    return signalGroupOfPidfd(pidfd, pid, signal) || signalPidfd(pidfd, signal);
  });
}

/** To the process that `pidfd` holds. Whether it has not been reaped, and this process may. */
export function signalPidfd(pidfd: number, signal: number): boolean {
  return libc().syscall(PIDFD_SEND_SIGNAL, pidfd, signal, 0, 0, 0) === 0;
}

/** To the group of which the process that `pidfd` holds, which has this pid, is the leader. */
export function signalGroupOfPidfd(pidfd: number, pid: number, signal: number): boolean {
  if (pid === libc().getpgid(0)) throw new WrongTarget(`group ${pid}, its own`, signal);
  if (libc().syscall(PIDFD_SEND_SIGNAL, pidfd, signal, 0, TO_GROUP, 0) === 0) return true;
  // Before Linux 6.9: as long as the leader has not been reaped the number of its group is nobody else's.
  return signalPidfd(pidfd, 0) && sendGroupSignal(pid, signal);
}

/** To this process itself. */
export function raiseSignal(signal: NodeJS.Signals): void {
  process.kill(process.pid, signal);
}

/** `send` gets null where a pidfd cannot be had (no descriptor left, Linux before 5.3). False if there is no process, or it is not meant. */
function withPidfd(pid: number, isMeant: () => boolean, send: (pidfd: number | null) => boolean): boolean {
  if (!isSignalTarget(pid)) throw new WrongTarget(`pid ${pid}`, 0);
  let pidfd: number | null = null;
  try {
    pidfd = openPidfd(pid);
    if (pidfd === null) return false;
  } catch (error) {
    if (!isPidfdMissing(error)) throw error;
  }
  try {
    // Asked once the pidfd holds the process: until then the pid could have passed on to another one.
    return isMeant() && send(pidfd);
  } finally {
    if (pidfd !== null) libc().close(pidfd);
  }
}

/** `TERM`, `SIGTERM`, `term`, `15`; undefined if there is no such signal. */
export function signalNumber(text: string): number | undefined {
  if (/^\d+$/.test(text)) {
    const number = Number(text);
    return number >= 1 && number <= 64 ? number : undefined;
  }
  const upper = text.toUpperCase();
  const name = upper.startsWith('SIG') ? upper : `SIG${upper}`;
  return Object.hasOwn(constants.signals, name) ? constants.signals[name as NodeJS.Signals] : undefined;
}

/** The signals that this process ignores now. */
export function ignoredSignals(): Set<number> {
  const mask = signalsOfStatus('SigIgn');
  const ignored = new Set<number>();
  for (let signal = 1; signal <= 64; signal++) if ((mask >> BigInt(signal - 1)) & 1n) ignored.add(signal);
  return ignored;
}

/** A set of signals of this process, as /proc tells it: bit `n - 1` is signal `n`. */
export function signalsOfStatus(field: 'SigIgn' | 'SigBlk'): bigint {
  const hex = new RegExp(`^${field}:\\s*([0-9a-f]+)`, 'm').exec(readFileSync('/proc/self/status', 'latin1'))?.[1];
  return BigInt(`0x${hex ?? '0'}`);
}
