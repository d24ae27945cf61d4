/** What a restart or a reload moves. */
import { targetsOf } from '../graph/edges.ts';
import { type Database, hasFlag, onRestartOf, type ServiceId } from '../model/database.ts';
import { type Draft, emptyDraft } from './draft.ts';
import type { Goal } from './goal.ts';
import { canReload } from './reload.ts';
import { addStarts } from './starts.ts';
import type { World } from './world.ts';

/**
 * The selected services that are up stop, with the dependents that follow them, and all of these come back. What is
 * selected, wanted and not up starts. What is neither up nor wanted stays down; named itself, that is refused.
 */
export function draftRestart(database: Database, world: World, goal: Goal & { goal: 'restart' }): Draft {
  const draft = emptyDraft();
  const selected = [...goal.selection.named, ...goal.selection.members, ...goal.selection.standing];
  const back = followers(database, world, draft, selected);
  if (!goal.forced) keepEssentials(database, draft, back);
  // What runs although nobody wants it (a stop failed, it was started by hand) is brought back too.
  for (const [service, { why }] of draft.down) {
    draft.wishes.set(service, why === 'named' && world.wanted(service) === 'no' ? 'explicit' : 'pulled');
  }
  for (const service of goal.selection.named) {
    if (world.condition(service) === 'down' && world.wanted(service) === 'no') {
      draft.refused.push({ why: 'not-up', service });
    }
  }
  const failed = selected.filter((service) => world.condition(service) === 'down' && world.wanted(service) !== 'no');
  addStarts({ database, world, draft, forced: goal.forced }, [...draft.down.keys(), ...failed], { why: 'was-up' });
  for (const [service, reason] of draft.reload) {
    const gone = reason.why === 'restarted-with' && !draft.down.has(reason.because);
    if (gone || draft.down.has(service)) draft.reload.delete(service);
  }
  return draft;
}

/** Fills in the stops, and the reloads of those dependents that ask for one. Returns why each service stops. */
function followers(
  database: Database,
  world: World,
  draft: Draft,
  roots: readonly ServiceId[],
): Map<ServiceId, ServiceId> {
  const because = new Map<ServiceId, ServiceId>();
  const queue: ServiceId[] = [];
  for (const root of roots) {
    if (world.condition(root) === 'down' || draft.down.has(root)) continue;
    draft.down.set(root, { why: 'named' });
    queue.push(root);
  }
  for (const service of queue) {
    for (const dependent of targetsOf(database.neededBy, service)) {
      if (world.condition(dependent) === 'down' || draft.down.has(dependent)) continue;
      switch (onRestartOf(database, dependent, service)) {
        case 'restart':
          draft.down.set(dependent, { why: 'restarted-with', because: service });
          because.set(dependent, service);
          queue.push(dependent);
          break;
        case 'reload':
          if (canReload(database, dependent)) draft.reload.set(dependent, { why: 'restarted-with', because: service });
          break;
        case 'ignore':
          break;
      }
    }
  }
  return because;
}

/** An essential service does not restart unless forced; then nothing that it needs may stop either. */
function keepEssentials(database: Database, draft: Draft, because: ReadonlyMap<ServiceId, ServiceId>): void {
  const keep = [...draft.down.keys()].filter((service) => hasFlag(database, service, 'essential'));
  for (const essential of keep) {
    let root = essential;
    for (let next = because.get(root); next !== undefined; next = because.get(root)) root = next;
    draft.refused.push({ why: 'essential', service: essential, for: root });
  }
  const kept = new Set(keep);
  for (const service of keep) {
    draft.down.delete(service);
    for (const need of targetsOf(database.needs, service)) {
      if (kept.has(need) || !draft.down.has(need)) continue;
      if (draft.down.get(need)?.why === 'named') {
        draft.refused.push({ why: 'needed-by-essential', service: need, essential: service });
      }
      kept.add(need);
      keep.push(need);
    }
  }
}

export function draftReload(database: Database, world: World, goal: Goal & { goal: 'reload' }): Draft {
  const draft = emptyDraft();
  for (const service of goal.selection.named) {
    if (world.condition(service) !== 'up') draft.refused.push({ why: 'not-up', service });
    else if (!canReload(database, service)) draft.refused.push({ why: 'no-reload', service });
    else draft.reload.set(service, { why: 'named' });
  }
  for (const service of [...goal.selection.members, ...goal.selection.standing]) {
    if (world.condition(service) === 'up' && canReload(database, service)) draft.reload.set(service, { why: 'named' });
  }
  return draft;
}
