/**
 * System calls by their numbers, for attributes of a process that libc sets for all threads at once, or has no function for.
 * They are of the calling thread, which is the only one in whoever calls this (engine.ts), or the one that executes.
 */
import { dlopen } from 'bun:ffi';
import { errno, libcPath, SystemError } from '../libc.ts';

interface Numbers {
  readonly x64: number;
  readonly arm64: number;
}

const NUMBERS = {
  prctl: { x64: 157, arm64: 167 },
  setpriority: { x64: 141, arm64: 140 },
  sched_setscheduler: { x64: 144, arm64: 119 },
  sched_setaffinity: { x64: 203, arm64: 122 },
  ioprio_set: { x64: 251, arm64: 30 },
  ioprio_get: { x64: 252, arm64: 31 },
  setgroups: { x64: 116, arm64: 159 },
  setresgid: { x64: 119, arm64: 149 },
  capset: { x64: 126, arm64: 91 },
  personality: { x64: 135, arm64: 92 },
  keyctl: { x64: 250, arm64: 219 },
  rt_sigprocmask: { x64: 14, arm64: 135 },
} as const satisfies Record<string, Numbers>;

type Word = number | bigint;

const SYMBOLS = { syscall: { args: ['i64', 'i64', 'i64', 'i64', 'i64', 'i64'], returns: 'i64' } } as const;

let loaded: ReturnType<typeof dlopen<typeof SYMBOLS>>['symbols'] | undefined;

/** Words that are left out are 0. Throws SystemError. */
export function rawCall(
  name: keyof typeof NUMBERS,
  a: Word,
  b: Word = 0,
  c: Word = 0,
  d: Word = 0,
  e: Word = 0,
): number {
  if (loaded === undefined) {
    loaded = dlopen(libcPath(), SYMBOLS).symbols;
    // Loaded after a call that failed, it would leave another errno.
    errno();
  }
  const number = NUMBERS[name][process.arch === 'arm64' ? 'arm64' : 'x64'];
  const result = Number(loaded.syscall(number, a, b, c, d, e));
  if (result === -1) throw new SystemError(name, errno());
  return result;
}
