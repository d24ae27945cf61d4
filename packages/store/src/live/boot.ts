/**
 * In which life of the machine a live directory was made: the file `boot`, three lines: the kernel's boot id, the PID namespace,
 * and when process 1 of it started (clock ticks after boot; numbers of namespaces return, such pairs do not).
 *
 * A live directory in RAM goes with its boot. One on a disk, or in the file system of a container that is started again, stays,
 * and remembers as done what oneshots did for a life that is over. Others of the same boot may look at it from another PID
 * namespace, so that alone says nothing while anybody lives in the one that it was made in.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAbsent, linkTarget } from '@muster/posix/absence';
import { isRead } from '@muster/posix/fifo';
import { RangeLocks, WHOLE_FILE } from '@muster/posix/lock';
import { everyPid, processFacts } from '@muster/posix/process';
import { readRegularText } from '@muster/posix/regular-file';
import type { Backend } from './backend.ts';
import type { LivePaths } from './paths.ts';

/** What has ended since: the machine's boot, or all processes of the PID namespace. */
export type Outlived = 'boot' | 'namespace';

export function writeBoot(path: string): void {
  writeFileSync(path, `${bootId()}\n${namespaceOf('self')}\n${startOfFirst()}\n`, { mode: 0o644 });
}

/** Null if nothing has, or nobody can tell (a directory of an older version, no /proc). */
export function outlivedBy(paths: LivePaths, backend: Backend): Outlived | null {
  const [boot = '', namespace = '', first = ''] = linesOf(paths.boot);
  const current = bootId();
  if (boot === '' || current === '') return null;
  if (boot !== current) return 'boot';
  const own = namespaceOf('self');
  if (namespace === '' || own === '' || (namespace === own && first === startOfFirst())) return null;
  return hasTree(paths, backend, namespace) || (namespace !== own && hasProcesses(namespace)) ? null : 'namespace';
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}

function startOfFirst(): string {
  return String(processFacts(1)?.startTime ?? '');
}

/** `pid:[4026531836]`; '': there is no such process, or it may not be asked. */
function namespaceOf(pid: number | 'self'): string {
  try {
    return linkTarget(`/proc/${pid}/ns/pid`) ?? '';
  } catch {
    return '';
  }
}

function hasProcesses(namespace: string): boolean {
  return everyPid().some((pid) => namespaceOf(pid) === namespace);
}

/**
 * Its tree holds its lock, if there is one, or else its runner of oneshots listens. One that was started in our own namespace
 * since is not of the life in which the directory was made.
 */
function hasTree({ oneshots }: LivePaths, { scandir }: Backend, namespace: string): boolean {
  try {
    const holder = lockHolder(join(scandir, '.s6-svscan', 'lock'));
    if (holder === null) return isRead(join(oneshots, 'control'));
    const place = holder > 0 ? namespaceOf(holder) : '';
    return place === '' || place === namespace;
  } catch (error) {
    // Who may not look takes it for alive.
    return (error as NodeJS.ErrnoException).code === 'EACCES';
  }
}

function lockHolder(path: string): number | null {
  let lock: RangeLocks;
  try {
    lock = RangeLocks.toAsk(path);
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
  try {
    return lock.holder(WHOLE_FILE);
  } finally {
    lock.close();
  }
}

function linesOf(path: string): string[] {
  try {
    return readRegularText(path).split('\n');
  } catch {
    return [];
  }
}
