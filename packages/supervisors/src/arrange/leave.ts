/** Taking a live directory's services from their supervisors, once all of them are down. */
import type { Database } from '@muster/core/model/database';
import { until } from '@muster/posix/until';
import { endKeeping } from '@muster/protocol/keeper';
import type { Live } from '@muster/store/live/open';
import { endOfKeptTree } from '../embedded/start.ts';
import { tellScandir, unlinkFrom } from '../s6/scandir.ts';
import { untilUnread } from '../until-read.ts';
import { dismiss } from './dismiss.ts';
import { controlsOf, entriesIn } from './join.ts';
import { endStrays } from './strays.ts';

/** Milliseconds that what nobody supervises has to end. */
const GRACE = 2000;

/** Resolves when no supervisor of this live directory runs any more, or `limit` milliseconds from now: then false. */
export async function leave(live: Live, database: Database, limit: number): Promise<boolean> {
  const { backend } = live;
  let hasEnded = () => true;
  switch (backend.kind) {
    case 'embedded':
      endKeeping(live.paths);
      hasEnded = endOfKeptTree(live);
      break;
    case 's6':
      unlinkFrom(backend.scandir, live.paths.root, entriesIn(live, database));
      tellScandir(backend.scandir, ['a']);
      dismiss(entriesIn(live, database).map(({ target }) => target));
      break;
    case 'runit':
      unlinkFrom(backend.scandir, live.paths.root, entriesIn(live, database));
      dismiss(entriesIn(live, database).map(({ target }) => target));
      break;
  }
  const left = await Promise.all([untilUnread(controlsOf(live, database), limit), until(hasEnded, limit)]);
  await endStrays(live.paths, GRACE);
  return left.every(Boolean);
}
