/**
 * The instances that live on in another database: made anew of its templates. What its source defines itself is the source's
 * from then on; what it has no template for is stopped and removed, and remembered with the database that it was made in, so
 * that the way back there brings it back.
 */

import { type CreatedInstance, type InstanceSet, NO_INSTANCES, partsOf } from '@muster/core/instances/instance-set';
import { circleIn, type MadeServices, makeServices } from '@muster/core/instances/make-services';
import type { Database } from '@muster/core/model/database';
import { templateNamed } from '@muster/core/model/template';
import { definitionEncoding } from '@muster/store/database/definition-encoding';
import { type VariablesOf, variablesIn, withInstances } from '@muster/store/live/database';
import { newKey, readInstances } from '@muster/store/live/instances';
import { INSTANCES_FILE } from '@muster/store/live/paths';
import type { Opened } from '../open/read.ts';
import type { Target } from './target.ts';

/** Throws what the system says: variables are for their owner alone. */
export function carryInstances(opened: Opened, target: Target): Target {
  const { live, instances } = opened;
  if (target.hash === live.generation) return { ...target, database: opened.database, instances };
  const wanted = [...carried(instances), ...rememberedIn(opened, target.hash)];
  return layOver(target, wanted, variablesIn(live.paths));
}

/** An instance with the file of its variables. */
export interface CarriedInstance extends CreatedInstance {
  readonly environment: string | null;
  /** By which its service is locked, if it is there already. */
  readonly key: number | null;
}

/** `target`, over which nothing is laid yet, with those of `wanted` that can be made in it. */
export function layOver(target: Target, wanted: readonly CarriedInstance[], variablesOf: VariablesOf): Target {
  const base = target.database;
  const possible = wanted.filter(({ name }) => isMissingFrom(base, name));
  if (possible.length === 0) return target;
  const instances = setOf(base, possible, variablesOf);
  return { ...target, instances, database: withInstances(base, instances, variablesOf) };
}

/** There is a template for it, and nothing of its name. */
function isMissingFrom(base: Database, name: string): boolean {
  const parts = partsOf(name);
  if (parts === null || templateNamed(base.templates, parts.template) === undefined) return false;
  return !base.names.includes(name) && !base.bundleNames.includes(name);
}

/** All at once; only where that cannot be, one after the other, without those that cannot. */
function setOf(base: Database, wanted: readonly CarriedInstance[], variablesOf: VariablesOf): InstanceSet {
  const all = setWith(base, wanted, variablesOf);
  if (all !== null) return all;
  const possible: CarriedInstance[] = [];
  for (const instance of wanted) {
    if (setWith(base, [...possible, instance], variablesOf) !== null) possible.push(instance);
  }
  return setWith(base, possible, variablesOf) ?? NO_INSTANCES;
}

function setWith(base: Database, wanted: readonly CarriedInstance[], variablesOf: VariablesOf): InstanceSet | null {
  const making = makeServices(
    base,
    wanted.map(({ name, environment }) => ({ name, variables: variablesOf(environment) })),
    definitionEncoding,
  );
  if (!making.ok) return null;
  const set = placed(making.value, wanted);
  return circleIn(withInstances(base, set, variablesOf)) === null ? set : null;
}

function placed({ services, bundles }: MadeServices, wanted: readonly CarriedInstance[]): InstanceSet {
  const known = new Map(wanted.map((instance) => [instance.name, instance]));
  const kept: InstanceSet['services'][number][] = [];
  services.forEach((service, slot) => {
    const instance = service.isLogger ? undefined : known.get(service.name);
    const environment = instance?.environment ?? null;
    kept.push({ ...service, environment, key: instance?.key ?? newKey({ services: kept }), slot, since: 0 });
  });
  const created = wanted.map(({ name, persist }) => ({ name, persist }));
  return { ...NO_INSTANCES, created, services: kept, bundles };
}

function carried({ created, services }: InstanceSet): CarriedInstance[] {
  const byName = new Map(services.map((service) => [service.name, service]));
  return created.map((instance) => {
    const service = byName.get(instance.name);
    return { ...instance, environment: service?.environment ?? null, key: service?.key ?? null };
  });
}

/** Those that an update has taken away: what is live has no template for them, or defines them. */
function rememberedIn({ live, base, instances }: Opened, hash: string): CarriedInstance[] {
  const now = new Set(instances.created.map(({ name }) => name));
  const then = readInstances(`${live.paths.databases}/${hash}/${INSTANCES_FILE}`);
  return carried(then)
    .filter(({ name }) => {
      if (now.has(name)) return false;
      const parts = partsOf(name);
      const hasTemplate = parts !== null && templateNamed(base.templates, parts.template) !== undefined;
      return !hasTemplate || base.names.includes(name);
    })
    .map((instance) => ({ ...instance, key: null }));
}
