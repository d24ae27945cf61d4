/**
 * What an update tries again: services that are wanted and not up, because their last start failed or was never tried, and
 * that the new database defines otherwise than what was tried; with them those that only waited for them. What would fail
 * in the same way is left alone.
 */
import { targetsOf } from '../../graph/edges.ts';
import { contentHashOf, isSameHash } from '../../model/content-hash.ts';
import { type Database, entryOf, everyService, type ServiceId } from '../../model/database.ts';
import { type Identity, NOBODY } from './identity.ts';
import type { UpdateWorld } from './world.ts';

/** New ids. `busy`: new ids of what is up then anyway, with which nothing that is tried again may conflict. */
export function findRetries(
  old: Database,
  next: Database,
  identity: Identity,
  world: UpdateWorld,
  busy: ReadonlySet<ServiceId>,
): Set<ServiceId> {
  const missed = new Map<ServiceId, boolean>();
  for (const id of everyService(old)) {
    const { missed: last, up, running } = entryOf(world.services, id);
    const successor = entryOf(identity.successor, id);
    if (last === undefined || up || running || successor === NOBODY || busy.has(successor)) continue;
    if ([...targetsOf(next.conflicts, successor)].some((rival) => busy.has(rival))) continue;
    missed.set(successor, !isSameHash(last.tried ?? contentHashOf(old, id), contentHashOf(next, successor)));
  }
  const retries = new Set([...missed].filter(([, isChanged]) => isChanged).map(([id]) => id));
  for (const id of retries) {
    for (const dependent of targetsOf(next.neededBy, id)) if (missed.has(dependent)) retries.add(dependent);
  }
  return retries;
}
