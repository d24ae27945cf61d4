/** Who runs with a certain variable in its environment: how a demonstration or a test finds everything it started. */
import { readdirSync, readFileSync } from 'node:fs';

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
