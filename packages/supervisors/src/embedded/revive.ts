/** A tree that was killed is started again by the next command that needs it, and adopts what went on without it. */
import type { Database } from '@muster/core/model/database';
import { type Deadline, timeLeft } from '@muster/posix/deadline';
import type { Live } from '@muster/store/live/open';
import { untilRead } from '../until-read.ts';
import { treeControls } from './controls.ts';
import { isTreeRunning, startTree } from './start.ts';
import { differencesOfTree } from './surroundings.ts';

/** Milliseconds that a tree has to answer. */
const PATIENCE = 30_000;

/** After `PATIENCE` services are seen to have no supervisor. Returns in what the tree differs from the first, for people. */
export async function revive(
  live: Live,
  database: Database,
  muster: string,
  deadline: Deadline,
): Promise<readonly string[]> {
  if (isTreeRunning(live.backend.scandir)) return [];
  startTree(live, muster);
  await untilRead(treeControls(live, database), timeLeft(deadline, PATIENCE));
  return differencesOfTree(live.paths);
}
