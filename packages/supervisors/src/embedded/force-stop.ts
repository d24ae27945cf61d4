/** Ending the embedded tree, its keeper, and all that they have started, by force (../arrange/force-stop.ts). */
import { commandLine, isAroundUs, type ProcessIdentity, processFacts } from '@muster/posix/process';
import { isSignalTarget, signalGroupOf, signalProcess } from '@muster/posix/signals';
import { recordedChildren } from '@muster/protocol/children-file';
import { endKeeping } from '@muster/protocol/keeper';
import type { LivePaths } from '@muster/store/live/paths';
import { everyProcess, runs, scriptsOf } from '../arrange/processes.ts';
import type { ForcedStop } from '../supervisor-adapter.ts';
import { orderToEnd } from './end.ts';

const [TERM, KILL] = [15, 9];

export function forceStopTree(paths: LivePaths): ForcedStop {
  // Before the tree, which would be started again.
  endKeeping(paths);
  for (const keeper of keepersOf(paths)) signalProcess(keeper, KILL);
  const trees = treesOf(paths);
  const orphans = [...orphansIn(paths), ...trees.flatMap(childrenOf)];
  for (const tree of trees) orderToEnd(paths.scan, tree);
  if (trees.length === 0) for (const orphan of orphans) signalGroupOf(orphan, TERM);
  return {
    isOver: () => ![...trees, ...orphans].some(runs),
    kill: () => {
      const killable = trees.filter(({ pid }) => isSignalTarget(pid));
      for (const tree of killable) signalProcess(tree, KILL);
      const below = [...trees.flatMap(childrenOf), ...orphans, ...orphansIn(paths)];
      for (const each of below) signalGroupOf(each, KILL);
      const victims = [...killable, ...below];
      return () => !victims.some(runs);
    },
  };
}

/** Whoever runs as `muster svscan --live ROOT`: its own lock and FIFO may be gone. */
function treesOf({ root }: LivePaths): ProcessIdentity[] {
  return everyProcess().filter(({ pid }) => {
    const words = commandLine(pid) ?? [];
    return words[1] === 'svscan' && words[2] === '--live' && words[3] === root;
  });
}

function keepersOf({ keep }: LivePaths): ProcessIdentity[] {
  return everyProcess().filter(({ pid }) => commandLine(pid)?.[1] === keep);
}

/** To process 1 every orphan is a child. */
function childrenOf(tree: ProcessIdentity): ProcessIdentity[] {
  if (tree.pid === 1) return [];
  return everyProcess().filter(({ pid }) => processFacts(pid)?.parent === tree.pid && !isAroundUs(pid));
}

/** Daemons that a tree has noted with their start times, and scripts. */
function orphansIn(paths: LivePaths): ProcessIdentity[] {
  const daemons = recordedChildren(`${paths.scan}/.rc-svscan/children`).filter(({ pid }) => isSignalTarget(pid));
  return [...daemons.filter((daemon) => runs(daemon) && !isAroundUs(daemon.pid)), ...scriptsOf(paths)];
}
