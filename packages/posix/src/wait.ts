/** Learning how children, and processes that are not our children, ended. */
import { constants } from 'node:os';
import { errno, libc, SystemError } from './libc.ts';
import { processFacts } from './process.ts';

const WNOHANG = 1;
const PIDFD_OPEN = 434;
/** _IOWR(0xFF, 11, struct pidfd_info) with the struct as large as it was when it first told exit codes. */
const PIDFD_GET_INFO = 0xc040_ff0b;
const PIDFD_INFO_EXIT = 1n << 3n;
const INFO_SIZE = 64;
const EXIT_CODE_OFFSET = 60;

const status = new Int32Array(1);

export interface Reaped {
  readonly pid: number;
  /** As wait(2) gives it. */
  readonly waitStatus: number;
}

/** One child that has ended, ours by adoption (of process 1) or by birth. Null if none has right now. */
export function reap(): Reaped | null {
  const pid = libc().waitpid(-1, status, WNOHANG);
  return pid > 0 ? { pid, waitStatus: status[0]! } : null;
}

/** A descriptor that becomes readable when the process ends; close-on-exec. Null if there is no such process. Throws SystemError. */
export function openPidfd(pid: number): number | null {
  const fd = libc().syscall(PIDFD_OPEN, pid, 0, 0, 0, 0);
  if (fd >= 0) return fd;
  const error = errno();
  if (error === constants.errno.ESRCH) return null;
  throw new SystemError('pidfd_open', error);
}

/** Whether this says that pidfds cannot be had: no descriptor is left, Linux is older than 5.3, or a filter forbids them. */
export function isPidfdMissing(error: unknown): boolean {
  return error instanceof SystemError && error.call === 'pidfd_open';
}

/**
 * The wait status of a process that has ended and is not our child; null if the kernel cannot tell. Linux 6.15 tells
 * after the parent has reaped it; before that, `/proc` shows it of a zombie to who may trace the process.
 */
export function exitOfPidfd(fd: number, pid: number): number | null {
  const info = new BigUint64Array(INFO_SIZE / 8);
  info[0] = PIDFD_INFO_EXIT;
  if (libc().ioctl(fd, PIDFD_GET_INFO, info) === 0 && (info[0]! & PIDFD_INFO_EXIT) !== 0n) {
    return new DataView(info.buffer).getInt32(EXIT_CODE_OFFSET, true);
  }
  try {
    const facts = processFacts(pid);
    return facts?.zombie ? facts.exitStatus : null;
  } catch {
    return null;
  }
}
