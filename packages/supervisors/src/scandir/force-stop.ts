/** Ending by force what runs of a live directory under somebody else's tree, which itself is left alone (../arrange/force-stop.ts). */
import { linkTarget, namesIn } from '@muster/posix/absence';
import { isRead } from '@muster/posix/fifo';
import { identityOf, isAroundUs } from '@muster/posix/process';
import { readRegular } from '@muster/posix/regular-file';
import { isSignalTarget, signalGroupOf } from '@muster/posix/signals';
import type { Backend } from '@muster/store/live/backend';
import { isOwnLink } from '@muster/store/live/own-link';
import type { LivePaths } from '@muster/store/live/paths';
import { CONTROL_FIFO, SUPERVISE_STATUS } from '@muster/store/live/service-files';
import { runs, scriptsOf } from '../arrange/processes.ts';
import type { ForcedStop } from '../supervisor-adapter.ts';
import type { Entry } from './entries.ts';
import { exitSupervisors } from './exit-supervisors.ts';
import { unlinkFrom } from './links.ts';

const [TERM, KILL] = [15, 9];

export interface ForeignEnd {
  /** Has the tree look for links that are gone. */
  lookAgain(scandir: string): void;
  /** The pid in a `status`; 0 means none. */
  statedPid(status: Uint8Array): number;
}

export function forceStopIn(paths: LivePaths, backend: Backend | null, tree: ForeignEnd): ForcedStop {
  const entries = backend === null ? [] : detachEntries(backend, paths.root, tree);
  const scripts = scriptsOf(paths);
  for (const script of scripts) signalGroupOf(script, TERM);
  return {
    isOver: () => !scripts.some(runs) && !entries.some(isSupervised),
    kill: () => {
      const victims = [...scripts, ...scriptsOf(paths)];
      for (const victim of victims) signalGroupOf(victim, KILL);
      for (const entry of entries) if (isSupervised(entry)) killStated(entry.target, tree);
      return () => !victims.some(runs) && !entries.some(isSupervised);
    },
  };
}

/** What of the scandir belongs to the live directory `root`. */
function detachEntries({ scandir }: Backend, root: string, tree: ForeignEnd): Entry[] {
  const entries = namesIn(scandir).flatMap((name) => {
    const link = `${scandir}/${name}`;
    return isOwnLink(root, link) ? [{ name, target: linkTarget(link)! }] : [];
  });
  unlinkFrom(scandir, root, entries);
  tree.lookAgain(scandir);
  exitSupervisors(entries.map(({ target }) => target));
  return entries;
}

function isSupervised({ target }: Entry): boolean {
  return isRead(`${target}/${CONTROL_FIFO}`);
}

/** The supervisor lives, and so its `status` is true. */
function killStated(directory: string, { statedPid }: ForeignEnd): void {
  try {
    const pid = statedPid(readRegular(`${directory}/${SUPERVISE_STATUS}`));
    const identity = isSignalTarget(pid) ? identityOf(pid) : null;
    if (identity !== null && !isAroundUs(pid)) signalGroupOf(identity, KILL);
  } catch {
    // It has none, and so no process.
  }
}
