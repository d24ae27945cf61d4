/** What must stop, and what is kept up because it is essential. */
import { type Closure, closureOf } from '../graph/closure.ts';
import { type Database, hasFlag, type ServiceId } from '../model/database.ts';
import type { Draft } from './draft.ts';
import type { Reason } from './plan.ts';
import type { World } from './world.ts';

export interface Fall {
  readonly database: Database;
  readonly world: World;
  readonly draft: Draft;
  readonly forced: boolean;
}

/**
 * Puts the stop of `roots` and of everything that needs them into the draft. Essential services that run, and what they
 * need, are kept unless forced. Returns whether everything that must stop will. `stopping`: what earlier calls have put there
 * with everything that needs it, and with nothing kept; what this one puts there likewise is added.
 */
export function addStops(
  fall: Fall,
  roots: Iterable<ServiceId>,
  reasonOfRoots: Reason,
  stopping = new Set<ServiceId>(),
): boolean {
  const { database, world, draft } = fall;
  const closure = closureOf(database.neededBy, roots, stopping);
  const kept = fall.forced ? undefined : keepEssentials(fall, closure);
  for (const service of closure.members) {
    if (kept?.has(service)) continue;
    // An essential service that is down stays wanted as it is: only force takes that from it.
    if (!fall.forced && hasFlag(database, service, 'essential')) continue;
    draft.wishes.set(service, 'no');
    if (world.condition(service) === 'down' || draft.down.has(service)) continue;
    const because = closure.from(service);
    draft.down.set(service, because === undefined ? reasonOfRoots : { why: 'needs', because });
  }
  if (kept !== undefined) return false;
  for (const service of closure.members) stopping.add(service);
  return true;
}

/** Essential services of the fall that run, with what they need; undefined if there are none. */
function keepEssentials(fall: Fall, falling: Closure<ServiceId>): Closure<ServiceId> | undefined {
  const { database, world, draft } = fall;
  const essentials = falling.members.filter(
    (service) => hasFlag(database, service, 'essential') && world.condition(service) !== 'down',
  );
  if (essentials.length === 0) return undefined;
  const kept = closureOf(database.needs, essentials);
  for (const essential of essentials) {
    draft.refused.push({ why: 'essential', service: essential, for: falling.rootOf(essential) });
  }
  const refused = new Set(essentials);
  for (const service of kept.members) {
    if (!falling.isRoot(service) || refused.has(service)) continue;
    draft.refused.push({ why: 'needed-by-essential', service, essential: kept.rootOf(service) });
  }
  return kept;
}
