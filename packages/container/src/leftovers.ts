/** What is left when the grace is over: by name, and killed. */
import { readdirSync } from 'node:fs';
import { everyPid, isAroundUs, processFacts } from '@muster/posix/process';
import { sendSignal, signalEverybody } from '@muster/posix/signals';
import { savedStatus } from '@muster/protocol/oneshots/status-file';
import type { LivePaths } from '@muster/store/live/paths';
import type { CompanionHost } from '@muster/tree/tree';

const KILL = 9;

/** Services and oneshots that have a process. `command`: that of the container, if it runs. */
export function namesOf(host: CompanionHost, { services }: LivePaths, command: string | null): string[] {
  const running = host.runningServices();
  const scripts = readdirSync(services).filter((name) => {
    try {
      return savedStatus(`${services}/${name}`).running !== null;
    } catch {
      return false;
    }
  });
  return [...(command === null ? [] : [`the command ${command}`]), ...new Set([...running, ...scripts])];
}

/**
 * As process 1: whatever is in the PID namespace. Elsewhere others live there: services, and what has this process for its parent.
 */
export function killEverything(host: CompanionHost): void {
  if (process.pid === 1) {
    signalEverybody(KILL);
    return;
  }
  for (const service of host.runningServices()) host.order('OK', service);
  for (const pid of everyPid()) {
    const facts = processFacts(pid);
    if (facts?.parent === process.pid && !isAroundUs(pid)) sendSignal(pid, KILL);
  }
}
