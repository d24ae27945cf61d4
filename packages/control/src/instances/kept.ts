/** The instances that were kept for the next boot, in a live directory that is about to be made. */
import type { Variables } from '@muster/core/instances/instance-definition';
import { readKeptInstances } from '@muster/store/kept-instances';
import type { Caller } from '../caller.ts';
import { layOver } from '../update/carry-instances.ts';
import type { Target } from '../update/target.ts';

/** What is compiled, with the instances that were kept for this boot; and the variables of those, by their new names. */
export interface WithKept {
  readonly target: Target;
  readonly environments: ReadonlyMap<string, Variables>;
}

/** `directory`: where they are kept; undefined if none are. Who cannot be made is told of. */
export function withKeptInstances(
  compiled: Target,
  directory: string | undefined,
  { events }: Pick<Caller, 'events'>,
): WithKept {
  const environments = new Map<string, Variables>();
  if (directory === undefined) return { target: compiled, environments };
  const { kept, odd } = readKeptInstances(directory);
  const wanted = kept.map(({ name, variables }) => {
    const environment = variables.length === 0 ? null : crypto.randomUUID();
    if (environment !== null) environments.set(environment, variables);
    return { name, persist: directory, environment, key: null };
  });
  const target = layOver(compiled, wanted, (environment) => environments.get(environment ?? '') ?? []);
  for (const { name, why } of odd) events.emit({ event: 'instance-left-out', name, why });
  for (const { name } of kept) {
    if (target.database.names.includes(name)) continue;
    events.emit({
      event: 'instance-left-out',
      name,
      why: 'nothing that is compiled is a template that it could be made of',
    });
  }
  return { target, environments };
}
