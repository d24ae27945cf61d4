/**
 * Ending everything of a live directory by force, with what is left of it: when it is damaged, or when its supervisors do
 * not do as they are told. Nothing is believed but what the kernel says of processes, and pids that come with a start time.
 *
 *     at once  other commands that change something here are killed: they would start the tree again
 *     asked    the tree is told to stop everything
 *     killed   what is there when `grace` is over: the tree first, lest it starts anything again
 *
 * This process, and those that wait for it, are spared: it may run in a service, or below a command that has the lock file open.
 */
import { ancestors, hasOpen, ownPid } from '@muster/posix/process';
import { signalProcess } from '@muster/posix/signals';
import { until } from '@muster/posix/until';
import { type Backend, readBackend } from '@muster/store/live/backend';
import { type LivePaths, livePaths } from '@muster/store/live/paths';
import { endStrays } from '../strays/strays.ts';
import { DEFAULT_SUPERVISOR, everySupervisor, supervisorNamed } from '../supervisor-table.ts';
import { everyProcess } from './processes.ts';

/** Milliseconds after which killed processes are given up. */
const LAST_LOOK = 2000;
const KILL = 9;

/** `grace`: milliseconds until what still runs is killed. False if something could not even be killed. */
export async function forceStop(root: string, grace: number): Promise<boolean> {
  const paths = livePaths(root);
  killChanges(paths);
  const backend = backendOf(paths);
  const known = backend === null ? undefined : supervisorNamed(backend.kind);
  const stop = (known ?? DEFAULT_SUPERVISOR).forceStop(paths, known === undefined ? null : backend);
  const hasEnded = (await until(() => stop.isOver(), grace)) || (await until(stop.kill(), LAST_LOOK));
  for (const supervisor of known === undefined ? everySupervisor() : [known]) {
    await endStrays(() => supervisor.strays(paths), grace);
  }
  return hasEnded;
}

function backendOf(paths: LivePaths): Backend | null {
  try {
    return readBackend(paths.backend);
  } catch {
    return null;
  }
}

/** Commands that change something have the lock file open, whether they hold a lock or not. */
function killChanges({ lock }: LivePaths): void {
  const waiting = ancestors(ownPid());
  const holdsOpen = (pid: number) => hasOpen(pid, lock) || hasOpen(pid, `${lock} (deleted)`);
  for (const each of everyProcess()) {
    if (!waiting.includes(each.pid) && holdsOpen(each.pid)) signalProcess(each, KILL);
  }
}
