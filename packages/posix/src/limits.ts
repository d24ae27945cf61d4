/**
 * The limit of open files. Bun raises its own soft limit to the hard one when it starts, before any of our code runs, and
 * children would inherit that; the kernel does not remember what it was. The parent's soft limit tells, if nothing stood
 * between: it is what we were started with unless somebody changed it between fork and exec.
 */
import { readFileSync } from 'node:fs';
import { errno, libc, SystemError } from './libc.ts';

const RLIMIT_NOFILE = 7;
/** What the kernel gives process 1, and nearly everybody leaves alone. */
const CUSTOMARY = 1024n;

/** Of a resource, as getrlimit(2) has it. */
export interface Limit {
  readonly soft: bigint;
  readonly hard: bigint;
}

/** Of this process, by the number that getrlimit(2) has for it. Throws SystemError. */
export function limitNow(resource: number): Limit {
  const pair = new BigUint64Array(2);
  if (libc().getrlimit(resource, pair) < 0) throw new SystemError('getrlimit', errno());
  return { soft: pair[0]!, hard: pair[1]! };
}

/** Throws SystemError: EPERM if the hard limit is to rise, and this is not root. */
export function setLimit(resource: number, limit: Limit): void {
  const pair = BigUint64Array.of(limit.soft, limit.hard);
  if (libc().setrlimit(resource, pair) < 0) throw new SystemError('setrlimit', errno());
}

/** Of this process. Throws SystemError. */
export function openFilesLimit(): Limit {
  return limitNow(RLIMIT_NOFILE);
}

/** Throws SystemError, as `setLimit` does. */
export function setOpenFilesLimit(limit: Limit): void {
  setLimit(RLIMIT_NOFILE, limit);
}

/** The limit that this process was started with, as well as it can be known. */
export function originalOpenFilesLimit(): Limit {
  const now = openFilesLimit();
  if (now.soft < now.hard) return now;
  const parent = limitOfProcess(process.ppid);
  if (parent !== null && parent.hard >= now.hard) return { soft: least(parent.soft, now.hard), hard: now.hard };
  return { soft: least(CUSTOMARY, now.hard), hard: now.hard };
}

function limitOfProcess(pid: number): Limit | null {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/limits`, 'utf8');
  } catch {
    return null;
  }
  const found = /^Max open files\s+(\d+)\s+(\d+)/m.exec(text);
  return found === null ? null : { soft: BigInt(found[1]!), hard: BigInt(found[2]!) };
}

export function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
