/** Who runs with a certain variable in its environment: how a demonstration or a test finds everything it started. */
import { readdirSync, readFileSync } from 'node:fs';
import { commandLine, processFacts } from '@muster/posix/process';
import { eventually } from './eventually.ts';

export interface RunningProcess {
  readonly pid: number;
  readonly command: string;
}

/** Processes that were started with `name=value` in their environment; zombies, whose environment is gone, are not seen. */
export function processesWith(name: string, value: string): RunningProcess[] {
  const wanted = `${name}=${value}`;
  const found: RunningProcess[] = [];
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid)) continue;
    try {
      if (!readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(wanted)) continue;
      found.push({ pid, command: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() });
    } catch {
      // It ended meanwhile, or it is another user's, and so none of ours.
    }
  }
  return found;
}

/** Of whom nothing is left but its status. It still holds descriptors and locks for a while after its environment is gone. */
export function hasEnded(pid: number): boolean {
  return processFacts(pid)?.zombie !== false;
}

/**
 * Waits until each of `pids` has executed `program`, or has ended. A supervisor tells the pid of a service as soon as there is
 * one: that process may be a copy of the supervisor for a while, and is the shell of its `run` before it becomes the daemon.
 */
export async function haveExecuted(pids: Iterable<number>, program: string): Promise<void> {
  for (const pid of pids)
    await eventually(`${pid} executes ${program}`, () => hasEnded(pid) || commandLine(pid)?.[0] === program);
}
