/**
 * Processes of a live directory that nobody looks after any more, as /proc shows them: an s6-supervise or runsv whose service
 * directory was removed under it, and what one that was killed had started. A new supervisor knows nothing of either, and
 * would start the daemon a second time.
 */
import { realpathSync } from 'node:fs';
import { basename } from 'node:path';
import { namesIn } from '@muster/posix/absence';
import {
  ancestors,
  commandLine,
  everyPid,
  isAroundUs,
  isRunning,
  type ProcessFacts,
  type ProcessIdentity,
  processFacts,
  workingDirectory,
} from '@muster/posix/process';
import { signalGroupOf } from '@muster/posix/signals';
import { until } from '@muster/posix/until';
import type { LivePaths } from '@muster/store/live/paths';
import { notedDaemon } from './started-daemon.ts';

export interface Stray extends ProcessIdentity {
  readonly service: string;
}

/** What /proc says behind the path of a directory that is no more. */
const REMOVED = ' (deleted)';
const [TERM, KILL] = [15, 9];
/** Milliseconds until what was killed is given up. */
const LAST_LOOK = 2000;

/**
 * Asks the strays that `find` finds to end, and kills those that have not after `grace` milliseconds. Returns whom it found. Only
 * for who knows that no tree is about to adopt them.
 */
export async function endStrays(find: () => readonly Stray[], grace: number): Promise<readonly Stray[]> {
  const found: Stray[] = [];
  // A supervisor that goes may leave its daemon.
  for (let strays = find(); strays.length > 0; strays = find()) {
    if (strays.every(({ pid }) => found.some((known) => known.pid === pid))) break;
    found.push(...strays);
    for (const stray of strays) signalGroupOf(stray, TERM);
    const isOver = () => !strays.some(({ pid, startTime }) => isRunning(pid, startTime));
    if (await until(isOver, grace)) continue;
    for (const stray of strays) signalGroupOf(stray, KILL);
    await until(isOver, LAST_LOOK);
  }
  return found;
}

/** Whether it has ended: asked to, or killed after `grace` milliseconds. */
export async function endStray(stray: Stray, grace: number): Promise<boolean> {
  const isOver = () => !isRunning(stray.pid, stray.startTime);
  signalGroupOf(stray, TERM);
  if (await until(isOver, grace)) return true;
  signalGroupOf(stray, KILL);
  return await until(isOver, LAST_LOOK);
}

/** `program`: that of the supervisors of single services; null if there are none. */
export function straysOf({ services }: Pick<LivePaths, 'services'>, program: string | null): Stray[] {
  let home: string;
  try {
    home = `${realpathSync(services)}/`;
  } catch {
    return [];
  }
  const near = everyPid().flatMap((pid) => {
    const place = workingDirectory(pid);
    return place?.startsWith(home) ? [{ pid, place }] : [];
  });
  const since = new Map<string, number>();
  for (const { pid, place } of near) {
    if (isSupervisor(pid, program)) since.set(place, processFacts(pid)?.startTime ?? 0);
  }
  const found = near.flatMap(({ pid, place }) => {
    const facts = processFacts(pid);
    if (facts === null || facts.zombie || !isStray(pid, facts, { place, program })) return [];
    // What began under the supervisor that is there now is a service's own affair.
    if (!isSupervisor(pid, program) && facts.startTime >= (since.get(place) ?? Number.POSITIVE_INFINITY)) return [];
    const [service = ''] = place.slice(home.length).replace(REMOVED, '').split('/');
    return [{ service, pid, startTime: facts.startTime }];
  });
  const gone = namesIn(home).flatMap((service) => strayGoneElsewhere(home + service, service));
  return [...found, ...gone.filter(({ pid }) => !near.some((known) => known.pid === pid))];
}

/** A daemon that a command has noted, which has left its directory, and which no supervisor there has started. */
function strayGoneElsewhere(directory: string, service: string): Stray[] {
  const daemon = notedDaemon(directory);
  const facts = daemon === null ? null : processFacts(daemon.pid);
  if (daemon === null || facts === null || workingDirectory(facts.parent) === directory) return [];
  return [{ service, ...daemon }];
}

/** A daemon leads a session without a terminal, and its supervisor has the same working directory. */
function isStray(
  pid: number,
  { session, terminal, parent }: ProcessFacts,
  { place, program }: { readonly place: string; readonly program: string | null },
): boolean {
  if (isSupervisor(pid, program)) return place.endsWith(REMOVED);
  if (session !== pid || terminal !== 0 || isAroundUs(pid)) return false;
  const above = workingDirectory(parent);
  return above === null ? isOrphan(parent) : above !== place;
}

/** Of a parent that belongs to somebody else. */
function isOrphan(parent: number): boolean {
  return parent <= 1 || ancestors(process.pid).includes(parent);
}

function isSupervisor(pid: number, program: string | null): boolean {
  return program !== null && basename(commandLine(pid)?.[0] ?? '') === program;
}
