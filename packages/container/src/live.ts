/** A container's live directory, made afresh: whatever is there is of another life, in which oneshots were done that this one has not done. */
import { lstatSync } from 'node:fs';
import { newLive } from '@muster/control/new-live';
import type { Target } from '@muster/control/update/target';
import { failure, type Result, success } from '@muster/core/result';
import { createLive } from '@muster/store/live/create';
import { isOurLiveDirectory, openLive } from '@muster/store/live/open';
import { type LivePaths, livePaths } from '@muster/store/live/paths';
import { removeLive } from '@muster/store/live/remove';
import { endStrays } from '@muster/supervisors/strays/strays';
import { DEFAULT_SUPERVISOR } from '@muster/supervisors/supervisor-table';
import type { StartProblem } from './preparation.ts';

const CANNOT_GO_ON = 111;
/** Milliseconds that what an earlier life has left in this PID namespace has to end. */
const GRACE = 2000;
/** The live directory's files are for everybody to read and for one to write. */
const UMASK = 0o022;

/** `environment`: of services, in the form of /proc/PID/environ. `muster`: path of the executable. Throws what the system says. */
export async function makeLive(
  root: string,
  target: Target,
  environment: Uint8Array,
  muster: string,
): Promise<Result<LivePaths, StartProblem>> {
  const problem = await makeRoom(root);
  if (problem !== null) return failure(problem);
  const paths = livePaths(root);
  const backend = { kind: DEFAULT_SUPERVISOR.name, scandir: paths.scan, prefix: '' };
  const umask = process.umask(UMASK);
  try {
    if (createLive(root, newLive(root, target, { backend, environment, muster }))) return success(paths);
  } finally {
    // Services and the command have the container's.
    process.umask(umask);
  }
  return failure({ status: CANNOT_GO_ON, message: `somebody else has just made ${root}` });
}

async function makeRoom(root: string): Promise<StartProblem | null> {
  if (lstatSync(root, { throwIfNoEntry: false }) === undefined) return null;
  if (!isOurLiveDirectory(root))
    return { status: CANNOT_GO_ON, message: `${root} is there, and is no live directory of this user's` };
  const { scan, services } = livePaths(root);
  const tree = DEFAULT_SUPERVISOR.treeProcess(scan);
  if (tree !== null) {
    const who = tree === 0 ? 'of another PID namespace' : `with pid ${tree}`;
    return { status: CANNOT_GO_ON, message: `a supervision tree ${who} runs in ${root}: RC_LIVE says another place` };
  }
  const found = openLive(root);
  // In a PID namespace that several containers share, the processes of one may outlive its process 1.
  if (found.ok && found.value.outlived === null) await endStrays(() => DEFAULT_SUPERVISOR.strays({ services }), GRACE);
  removeLive(root);
  return null;
}
