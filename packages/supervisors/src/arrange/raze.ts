/**
 * Ending everything of a live directory by force, with what is left of it: when it is damaged, or when its supervisors do
 * not do as they are told. Nothing is believed but what the kernel says of processes, and pids that come with a start time.
 *
 *     at once  other commands that change something here are killed: they would start the tree again
 *     asked    the tree is told to stop everything (SIGQUIT to the process, should its FIFO be gone)
 *     killed   what is there when `grace` is over: the tree first, lest it starts anything again
 *
 * This process, and those that wait for it, are spared: it may run in a service, or below a command that has the lock file open.
 */
import { linkTarget, namesIn } from '@muster/posix/absence';
import { isRead } from '@muster/posix/fifo';
import {
  ancestors,
  commandLine,
  everyPid,
  hasOpen,
  identityOf,
  isAroundUs,
  isRunning,
  ownPid,
  type ProcessIdentity,
  processFacts,
} from '@muster/posix/process';
import { readRegular } from '@muster/posix/regular-file';
import { isSignalTarget, signalGroupOf, signalProcess } from '@muster/posix/signals';
import { until } from '@muster/posix/until';
import { recordedChildren } from '@muster/protocol/children-file';
import { endKeeping } from '@muster/protocol/keeper';
import { decodeStatus } from '@muster/protocol/s6/status';
import { type Backend, readBackend } from '@muster/store/live/backend';
import { isOwnLink } from '@muster/store/live/own-link';
import { type LivePaths, livePaths } from '@muster/store/live/paths';
import { EXIT_FILE } from '@muster/store/live/service-files';
import { decodeRunitStatus } from '../runit/status.ts';
import { type Entry, isWatched, tellScandir, unlinkFrom } from '../s6/scandir.ts';
import { dismiss } from './dismiss.ts';
import { endStrays } from './strays.ts';

/** Milliseconds after which killed processes are given up. */
const LAST_LOOK = 2000;
const [TERM, QUIT, KILL] = [15, 3, 9];

/** `grace`: milliseconds until what still runs is killed. False: something could not even be killed. */
export async function raze(root: string, grace: number): Promise<boolean> {
  const hasEnded = await endSupervised(root, grace);
  await endStrays(livePaths(root), grace);
  return hasEnded;
}

async function endSupervised(root: string, grace: number): Promise<boolean> {
  const paths = livePaths(root);
  const backend = backendOf(paths);
  const waiting = ancestors(ownPid());
  for (const each of everyProcess()) {
    if (!waiting.includes(each.pid) && holdsOpen(each.pid, paths.lock)) signalProcess(each, KILL);
  }
  // Before the tree, which would be started again.
  endKeeping(paths);
  for (const keeper of keepersOf(paths)) signalProcess(keeper, KILL);
  const trees = treesOf(root);
  const orphans = [...orphansIn(paths), ...trees.flatMap(childrenOf)];
  const theirs = backend === null || backend.kind === 'embedded' ? [] : leaveScandir(backend, root);
  for (const tree of trees) tellToStop(tree, paths);
  if (trees.length === 0) for (const orphan of orphans) signalGroupOf(orphan, TERM);
  const isOver = () => ![...trees, ...orphans].some(runs) && !theirs.some(isSupervised);
  if (await until(isOver, grace)) return true;

  const killable = trees.filter(({ pid }) => isSignalTarget(pid));
  for (const tree of killable) signalProcess(tree, KILL);
  const below = [...trees.flatMap(childrenOf), ...orphans, ...orphansIn(paths)];
  for (const each of below) signalGroupOf(each, KILL);
  const victims = [...killable, ...below];
  for (const { target } of theirs) if (isSupervised({ target })) signalStated(target);
  return await until(() => !victims.some(runs) && !theirs.some(isSupervised), LAST_LOOK);
}

function backendOf(paths: LivePaths): Backend | null {
  try {
    return readBackend(paths.backend);
  } catch {
    return null;
  }
}

/** Whoever runs as `muster svscan --live ROOT`: its own lock and FIFO may be gone. */
function treesOf(root: string): ProcessIdentity[] {
  return everyProcess().filter(({ pid }) => {
    const words = commandLine(pid) ?? [];
    return words[1] === 'svscan' && words[2] === '--live' && words[3] === root;
  });
}

function keepersOf({ keep }: LivePaths): ProcessIdentity[] {
  return everyProcess().filter(({ pid }) => commandLine(pid)?.[1] === keep);
}

/** Not by SIGTERM, for which it runs rc-shutdown: that would begin with killing this process. */
function tellToStop({ pid, startTime }: ProcessIdentity, { scan }: LivePaths): void {
  if (isSignalTarget(pid) && !isWatched(scan)) signalProcess({ pid, startTime }, QUIT);
  else tellScandir(scan, ['t']);
}

/** To process 1 every orphan is a child. */
function childrenOf(tree: ProcessIdentity): ProcessIdentity[] {
  if (tree.pid === 1) return [];
  return everyProcess().filter(({ pid }) => processFacts(pid)?.parent === tree.pid && !isAroundUs(pid));
}

function everyProcess(): ProcessIdentity[] {
  return everyPid().flatMap((pid) => {
    const facts = processFacts(pid);
    return facts === null || facts.zombie ? [] : [{ pid, startTime: facts.startTime }];
  });
}

/** Daemons that a tree has noted with their start times, and scripts, which the shell around them gives away. */
function orphansIn(paths: LivePaths): ProcessIdentity[] {
  const daemons = recordedChildren(`${paths.scan}/.rc-svscan/children`).filter(({ pid }) => isSignalTarget(pid));
  const scripts = everyProcess().filter(({ pid }) => {
    const exit = commandLine(pid)?.[4];
    return exit?.startsWith(`${paths.services}/`) && exit.endsWith(`/${EXIT_FILE}`);
  });
  return [...daemons.filter(runs), ...scripts].filter(({ pid }) => !isAroundUs(pid));
}

/** Commands that change something have the lock file open, whether they hold a lock or not. */
function holdsOpen(pid: number, path: string): boolean {
  return hasOpen(pid, path) || hasOpen(pid, `${path} (deleted)`);
}

/** Takes this live directory's services out of somebody else's scandir. */
function leaveScandir({ kind, scandir }: Backend, root: string): Entry[] {
  const entries = namesIn(scandir).flatMap((name) => {
    const link = `${scandir}/${name}`;
    return isOwnLink(root, link) ? [{ name, target: linkTarget(link)! }] : [];
  });
  unlinkFrom(scandir, root, entries);
  if (kind === 's6') tellScandir(scandir, ['a']);
  dismiss(entries.map(({ target }) => target));
  return entries;
}

function isSupervised({ target }: Pick<Entry, 'target'>): boolean {
  return isRead(`${target}/supervise/control`);
}

/** The supervisor lives, and so its `status` is true: s6's, or runit's. */
function signalStated(directory: string): void {
  try {
    const bytes = readRegular(`${directory}/supervise/status`);
    const pid = (decodeStatus(bytes) ?? decodeRunitStatus(bytes))?.pid ?? 0;
    const identity = isSignalTarget(pid) ? identityOf(pid) : null;
    if (identity !== null && !isAroundUs(pid)) signalGroupOf(identity, KILL);
  } catch {
    // It has none, and so no process.
  }
}

function runs({ pid, startTime }: ProcessIdentity): boolean {
  return isRunning(pid, startTime);
}
