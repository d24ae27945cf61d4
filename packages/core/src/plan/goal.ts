/** What a change is asked for, with names resolved. */
import { targetsOf } from '../graph/edges.ts';
import { bundlesByName, type Database, everyService, type ServiceId, servicesByName } from '../model/database.ts';
import type { World } from './world.ts';

export interface Selection {
  /** Named themselves. */
  readonly named: readonly ServiceId[];
  /** Members of bundles that were named: those with `flag-manual` are not started because of it. */
  readonly members: readonly ServiceId[];
  /** Selected because they are up (`-a`): what is wanted of them does not change. */
  readonly standing: readonly ServiceId[];
}

export type Goal =
  | { readonly goal: 'up'; readonly selection: Selection; readonly prune: boolean; readonly forced: boolean }
  | {
      readonly goal: 'down';
      readonly selection: Selection;
      readonly prune: boolean;
      readonly forced: boolean;
      /** Also stop what was only pulled in and is needed by nothing any more. */
      readonly release: boolean;
    }
  | { readonly goal: 'restart'; readonly selection: Selection; readonly forced: boolean }
  | { readonly goal: 'reload'; readonly selection: Selection };

/** Names of services and bundles to what they stand for; every name that nothing has, in the order given. */
export function select(
  database: Database,
  names: readonly string[],
): { readonly selection: Selection; readonly unknown: readonly string[] } {
  const services = servicesByName(database);
  const bundles = bundlesByName(database);
  const named = new Set<ServiceId>();
  const members = new Set<ServiceId>();
  const unknown: string[] = [];
  for (const name of names) {
    const service = services.get(name);
    const bundle = bundles.get(name);
    if (service !== undefined) named.add(service);
    else if (bundle !== undefined) for (const member of targetsOf(database.bundleMembers, bundle)) members.add(member);
    else unknown.push(name);
  }
  return { selection: { named: [...named], members: [...members], standing: [] }, unknown };
}

/** What was named, by itself or through a bundle, each once; ascending. */
export function servicesNamed({ named, members }: Selection): ServiceId[] {
  return [...new Set([...named, ...members])].sort((a, b) => a - b);
}

/** The selection with everything that is up or on its way added (`-a`). */
export function withStanding(database: Database, world: World, selection: Selection): Selection {
  const chosen = new Set(servicesNamed(selection));
  const standing: ServiceId[] = [];
  for (const id of everyService(database)) {
    if (!chosen.has(id) && world.condition(id) !== 'down') standing.push(id);
  }
  return { ...selection, standing };
}
