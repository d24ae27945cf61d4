/** What must start: needs always, wants if they can, conflicting services out of the way first. */
import { type Closure, closureOf } from '../graph/closure.ts';
import { targetsOf } from '../graph/edges.ts';
import type { ServiceId } from '../model/database.ts';
import type { Draft } from './draft.ts';
import type { Reason } from './plan.ts';
import { addStops, type Fall } from './stops.ts';
import { concerns, type World } from './world.ts';

/** Puts the start of `roots`, of what they need, and of what is wanted along into the draft. Returns all that must be up. */
export function addStarts(rise: Fall, roots: Iterable<ServiceId>, reasonOfRoots: Reason): ReadonlySet<ServiceId> {
  const { database, draft } = rise;
  const closure = closureOf(database.needs, roots);
  const target = new Set(closure.members);
  const starting: ServiceId[] = [];
  for (const service of closure.members) {
    const because = closure.from(service);
    if (because !== undefined) pull(rise, service);
    if (isUpAndStays(rise, service)) continue;
    draft.up.set(service, because === undefined ? reasonOfRoots : { why: 'needed-by', because });
    starting.push(service);
  }
  joinWants(rise, target, starting);
  clearConflicts(rise, target, starting);
  return target;
}

function isUpAndStays({ world, draft }: { world: World; draft: Draft }, service: ServiceId): boolean {
  return world.condition(service) === 'up' && !draft.down.has(service);
}

function pull({ draft }: { draft: Draft }, service: ServiceId): void {
  if (!draft.wishes.has(service)) draft.wishes.set(service, 'pulled');
}

/** Soft dependencies of what starts, unless somebody's conflict forbids it. Appends to `target` and `starting`. */
function joinWants(rise: Fall, target: Set<ServiceId>, starting: ServiceId[]): void {
  for (const because of starting) {
    for (const wanted of targetsOf(rise.database.wants, because)) {
      if (!target.has(wanted) && !isUpAndStays(rise, wanted)) joinWanted(rise, target, starting, wanted, because);
    }
  }
}

function joinWanted(
  rise: Fall,
  target: Set<ServiceId>,
  starting: ServiceId[],
  wanted: ServiceId,
  because: ServiceId,
): void {
  // What the target has, it has with all that it needs.
  const joining = closureOf(rise.database.needs, [wanted], target);
  if (joining.members.some((service) => clashes(rise, target, joining, service))) return;
  for (const service of joining.members) {
    target.add(service);
    pull(rise, service);
    if (isUpAndStays(rise, service)) continue;
    const from = joining.from(service);
    rise.draft.up.set(
      service,
      from === undefined ? { why: 'wanted-by', because } : { why: 'needed-by', because: from },
    );
    starting.push(service);
  }
}

function clashes(rise: Fall, target: ReadonlySet<ServiceId>, joining: Closure<ServiceId>, service: ServiceId): boolean {
  const { database, world, draft } = rise;
  if (draft.wishes.get(service) === 'no' || draft.down.has(service)) return true;
  return targetsOf(database.conflicts, service).some(
    (other) => target.has(other) || joining.has(other) || (world.condition(other) !== 'down' && !draft.down.has(other)),
  );
}

/** Plans the stop of what cannot be up together with what starts; a contradiction makes the whole draft impossible. */
function clearConflicts(rise: Fall, target: ReadonlySet<ServiceId>, starting: readonly ServiceId[]): void {
  const { database, draft } = rise;
  const stopping = new Set<ServiceId>();
  for (const service of starting) {
    for (const rival of targetsOf(database.conflicts, service)) {
      const possible = !target.has(rival) && stopRival(rise, service, rival, stopping);
      if (possible) continue;
      draft.refused.push({ why: 'conflict', service, with: rival });
      draft.impossible = true;
    }
  }
}

/** The rival's dependents are no concern of `target`: what needs the rival would have pulled it into `target`. */
function stopRival(rise: Fall, service: ServiceId, rival: ServiceId, stopping: Set<ServiceId>): boolean {
  if (!concerns(rise.world, rival)) return true;
  return addStops(rise, [rival], { why: 'conflicts-with', because: service }, stopping);
}
