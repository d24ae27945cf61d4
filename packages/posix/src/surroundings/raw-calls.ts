/**
 * System calls by their numbers, for attributes of a process that libc sets for all threads at once, or has no function for.
 * They are of the calling thread, which is the only one in whoever calls this (engine.ts), or the one that executes.
 */
import { errno, libc, SystemError } from '../libc.ts';
import { type Memory, runtime } from '../runtime/runtime.ts';

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

/** Memory is passed as its address. */
type Word = number | bigint | Memory;

/** Words that are left out are 0. Throws SystemError. */
export function rawCall(
  name: keyof typeof NUMBERS,
  a: Word,
  b: Word = 0,
  c: Word = 0,
  d: Word = 0,
  e: Word = 0,
): number {
  const number = NUMBERS[name][process.arch === 'arm64' ? 'arm64' : 'x64'];
  const result = libc().syscall(number, wordOf(a), wordOf(b), wordOf(c), wordOf(d), wordOf(e));
  if (result === -1) throw new SystemError(name, errno());
  return result;
}

function wordOf(word: Word): number | bigint {
  return typeof word === 'object' ? runtime.addressOf(word) : word;
}
