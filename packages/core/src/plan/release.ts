/** What was only pulled in, and is needed or wanted by nothing that stays: as a garbage collector finds it. */
import { closureOf } from '../graph/closure.ts';
import { union } from '../graph/edge-list.ts';
import { type Database, everyService, hasFlag, type ServiceId } from '../model/database.ts';
import type { Draft } from './draft.ts';
import { concerns, type World } from './world.ts';

/** Adds to a draft of stops those of everything that can be released once they are done. Essential services stay. */
export function draftRelease(database: Database, world: World, draft: Draft): void {
  const standing: ServiceId[] = [];
  const pulled: ServiceId[] = [];
  for (const service of everyService(database)) {
    if (!concerns(world, service) || draft.wishes.get(service) === 'no' || draft.down.has(service)) continue;
    const release = world.wanted(service) === 'pulled' && !hasFlag(database, service, 'essential');
    (release ? pulled : standing).push(service);
  }
  const reached = closureOf(union(database.names.length, [database.needs, database.wants]), standing);
  for (const service of pulled) {
    if (reached.has(service)) continue;
    draft.wishes.set(service, 'no');
    if (world.condition(service) !== 'down') draft.down.set(service, { why: 'released' });
  }
}
