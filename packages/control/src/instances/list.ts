/** Instances that were made at run time, as they are. Takes no lock. */
import { partsOf } from '@muster/core/instances/instance-set';
import { idsOfInstances } from '@muster/core/instances/overlay';
import { type Result, success } from '@muster/core/result';
import { readVariables } from '@muster/store/live/instances';
import type { ControlEventSink } from '../events.ts';
import { openForReading } from '../open/read.ts';
import type { Unusable } from '../problems.ts';
import { statusesOf } from '../status/service-status.ts';

export interface ListedInstance {
  readonly name: string;
  /** Without the `@`. */
  readonly template: string;
  readonly instance: string;
  /** Null if this user may not know them. */
  readonly env: Readonly<Record<string, string>> | null;
  readonly persist: boolean;
  readonly state: string;
}

/** In the order of their names; `template`: only those of it, with or without its `@`. */
export function listInstances(
  { root, template }: { readonly root: string; readonly template?: string | undefined },
  events: ControlEventSink,
): Result<readonly ListedInstance[], Unusable> {
  const opened = openForReading(root, events);
  if (!opened.ok) return opened;
  const { live, database, instances, records } = opened.value;
  try {
    const kept = new Set(instances.created.filter(({ persist }) => persist !== null).map(({ name }) => name));
    const statuses = statusesOf(opened.value, idsOfInstances(database, instances));
    const listed = instances.services.flatMap((service, at): ListedInstance[] => {
      const parts = partsOf(service.name);
      if (service.isLogger || parts === null) return [];
      const of = service.template.slice(0, -1);
      if (template !== undefined && template !== of && template !== service.template) return [];
      const persist = kept.has(service.name);
      const env = variablesIfMay(live.paths, service.environment);
      return [
        {
          name: service.name,
          template: of,
          instance: service.instance,
          env,
          persist,
          state: statuses[at]?.state.name ?? 'down',
        },
      ];
    });
    return success(listed.sort((a, b) => (a.name < b.name ? -1 : 1)));
  } finally {
    records.close();
  }
}

function variablesIfMay(paths: Parameters<typeof readVariables>[0], environment: string | null) {
  try {
    return Object.fromEntries(readVariables(paths, environment));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EACCES') throw error;
    return null;
  }
}
