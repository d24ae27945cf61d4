/** A tree that was killed is started again by the next command that needs it, and adopts what went on without it. */
import type { Database } from '@muster/core/model/database';
import { type Deadline, timeLeft } from '@muster/posix/deadline';
import type { Live } from '@muster/store/live/open';
import { isTreeRunning, startTree } from '../embedded/start.ts';
import { differencesOfTree } from '../embedded/surroundings.ts';
import { untilRead } from '../until-read.ts';
import { controlsOf } from './join.ts';

/** Milliseconds that a tree has to answer. */
const PATIENCE = 30_000;

/**
 * Other people's trees are left to them: there, and after `PATIENCE`, the services are seen to have no supervisor. Returns in what
 * a tree that was started here differs from the first, for people.
 */
export async function revive(
  live: Live,
  database: Database,
  muster: string,
  deadline: Deadline,
): Promise<readonly string[]> {
  if (live.backend.kind !== 'embedded' || isTreeRunning(live.backend.scandir)) return [];
  startTree(live, muster);
  await untilRead(controlsOf(live, database), timeLeft(deadline, PATIENCE));
  return differencesOfTree(live.paths);
}
