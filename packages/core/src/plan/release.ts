/** What was only pulled in, and is needed or wanted by nothing that stays: as a garbage collector finds it. */
import { closureOf, OUTSIDE } from '../graph/closure.ts';
import { type Edges, targetsOf } from '../graph/edges.ts';
import { type Database, hasFlag, type ServiceId } from '../model/database.ts';
import type { Draft } from './draft.ts';
import { concerns, type World } from './world.ts';

/** Adds to a draft of stops those of everything that can be released once they are done. Essential services stay. */
export function draftRelease(database: Database, world: World, draft: Draft): void {
  const standing: ServiceId[] = [];
  const pulled: ServiceId[] = [];
  for (let service = 0; service < database.names.length; service++) {
    if (!concerns(world, service) || draft.wishes.get(service) === 'no' || draft.down.has(service)) continue;
    const release = world.wanted(service) === 'pulled' && !hasFlag(database, service, 'essential');
    (release ? pulled : standing).push(service);
  }
  const reached = closureOf(joined(database.needs, database.wants), standing).from;
  for (const service of pulled) {
    if (reached[service] !== OUTSIDE) continue;
    draft.wishes.set(service, 'no');
    if (world.condition(service) !== 'down') draft.down.set(service, { why: 'released' });
  }
}

export function joined(first: Edges, second: Edges): Edges {
  const nodes = first.offsets.length - 1;
  const offsets = new Uint32Array(nodes + 1);
  const targets = new Uint32Array(first.targets.length + second.targets.length);
  for (let node = 0; node < nodes; node++) {
    const a = targetsOf(first, node);
    const b = targetsOf(second, node);
    targets.set(a, offsets[node]!);
    targets.set(b, offsets[node]! + a.length);
    offsets[node + 1] = offsets[node]! + a.length + b.length;
  }
  return { offsets, targets };
}
