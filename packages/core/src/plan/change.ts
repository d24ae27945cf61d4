/**
 * From what is asked to what will be done. A plan is made in two passes: a *draft* says which services go up, down or
 * are reloaded, and why (starts.ts, stops.ts, restart.ts, release.ts); `orderSteps` then puts that into an order which every
 * dependency allows. Both only look at the database and at the world as it was when they were called.
 */
import { closureOf } from '../graph/closure.ts';
import { union } from '../graph/edge-list.ts';
import { type Database, everyService, hasFlag, type ServiceId } from '../model/database.ts';
import { type Draft, emptyDraft } from './draft.ts';
import type { Goal, Selection } from './goal.ts';
import { orderSteps } from './order.ts';
import type { Plan } from './plan.ts';
import { draftRelease } from './release.ts';
import { draftReload, draftRestart } from './restart.ts';
import { addStarts } from './starts.ts';
import { addStops } from './stops.ts';
import { concerns, type World } from './world.ts';

export function planChange(database: Database, world: World, goal: Goal): Plan {
  const draft = draftOf(database, world, goal);
  if (draft.impossible) return { steps: [], refused: draft.refused };
  return {
    steps: orderSteps(database, draft),
    stopsFirst: (goal.goal === 'up' || goal.goal === 'down') && goal.prune,
    wishes: [...draft.wishes].map(([service, wanted]) => ({ service, wanted })),
    refused: draft.refused,
  };
}

function draftOf(database: Database, world: World, goal: Goal): Draft {
  switch (goal.goal) {
    case 'up':
      return goal.prune ? draftOnly(database, world, goal) : draftUp(database, world, goal);
    case 'down':
      return goal.prune ? draftAllBut(database, world, goal) : draftDown(database, world, goal);
    case 'restart':
      return draftRestart(database, world, goal);
    case 'reload':
      return draftReload(database, world, goal);
  }
}

function draftUp(database: Database, world: World, goal: Goal & { goal: 'up' }): Draft {
  const draft = emptyDraft();
  const roots = rootsOfRise(database, world, goal.selection);
  wishExplicitly(world, draft, roots, goal.selection);
  addStarts({ database, world, draft, forced: goal.forced }, roots, { why: 'named' });
  return draft;
}

/** Up with `prune`: the selection and what it needs or wants, and nothing else. */
function draftOnly(database: Database, world: World, goal: Goal & { goal: 'up' }): Draft {
  const draft = draftUp(database, world, goal);
  const target = [...rootsOfRise(database, world, goal.selection), ...draft.up.keys()];
  const stays = closureOf(union(database.names.length, [database.needs, database.wants]), target);
  const pruned: ServiceId[] = [];
  for (const service of everyService(database)) {
    const hold = stays.has(service) && draft.wishes.get(service) !== 'no';
    if (!hold && concerns(world, service)) pruned.push(service);
  }
  addStops({ database, world, draft, forced: goal.forced }, pruned, { why: 'pruned' });
  return draft;
}

function draftDown(database: Database, world: World, goal: Goal & { goal: 'down' }): Draft {
  const draft = emptyDraft();
  addStops({ database, world, draft, forced: goal.forced }, everySelected(goal.selection), { why: 'named' });
  if (goal.release) draftRelease(database, world, draft);
  return draft;
}

/** Down with `prune`: everything that does not need the selection is up. */
function draftAllBut(database: Database, world: World, goal: Goal & { goal: 'down' }): Draft {
  const draft = emptyDraft();
  addStops({ database, world, draft, forced: goal.forced }, everySelected(goal.selection), { why: 'named' });
  const falling = closureOf(database.neededBy, everySelected(goal.selection));
  const others = everyService(database).filter((service) => !falling.has(service));
  const roots = rootsOfRise(database, world, { named: [], members: others, standing: [] });
  wishExplicitly(world, draft, roots, { named: [], members: roots, standing: [] });
  addStarts({ database, world, draft, forced: goal.forced }, roots, { why: 'named' });
  return draft;
}

function everySelected(selection: Selection): ServiceId[] {
  return [...selection.named, ...selection.members, ...selection.standing];
}

/** A manual service does not start because of a bundle; if it is up already, it belongs to the bundle as any other. */
function rootsOfRise(database: Database, world: World, selection: Selection): ServiceId[] {
  const members = selection.members.filter(
    (service) => !hasFlag(database, service, 'manual') || concerns(world, service),
  );
  return [...selection.named, ...members, ...selection.standing];
}

function wishExplicitly(world: World, draft: Draft, roots: readonly ServiceId[], { standing }: Selection): void {
  const kept = new Set(standing.filter((service) => world.wanted(service) !== 'no'));
  for (const root of roots) draft.wishes.set(root, kept.has(root) ? 'pulled' : 'explicit');
}
